"""Chinese surnames: how they are read where that differs from the common reading, and the two-character ones.

All in simplified form; look up `folding.fold(name)`, which turns traditional characters into these.
"""


def _readings(table: str) -> dict[str, str]:
    return {entry[0]: entry[1:] for entry in table.split()}


SURNAME_READINGS = _readings(
    "单shan 曾zeng 仇qiu 解xie 盖ge 区ou 查zha 朴piao 翟zhai 缪miao 牟mu 覃qin 卜bu 阚kan 薄bo 员yun 乐yue 秘bi 折she"
    " 洗xian 冼xian 繁po 种chong 重chong 召shao 黑he 乜nie 句gou 角jue 都du 么yao 幺yao 隗wei 郇xun 佴nai 祭zhai"
    " 乘sheng 藏zang 能nai 六lu 适kuo 长chang 任ren 华hua 宁ning 那na 纪ji 尹yin 余yu 石shi 贾jia 车che 盛sheng"
    " 柏bai 谌chen 干gan 应ying 訾zi 逄pang 俞yu 晁chao 沈shen 叶ye 万wan 尉wei 葛ge 过guo 宓mi 眭sui 相xiang 洪hong"
)
"""Toneless reading of a character as a surname; a character that is not here is read as usual."""

COMPOUND_READINGS: dict[str, tuple[str, str]] = {
    "尉迟": ("yu", "chi"),
    "万俟": ("mo", "qi"),
    "单于": ("chan", "yu"),
    "长孙": ("zhang", "sun"),
    "澹台": ("tan", "tai"),
    "鲜于": ("xian", "yu"),
    "呼延": ("hu", "yan"),
    "令狐": ("ling", "hu"),
    "宰父": ("zai", "fu"),
    "亓官": ("qi", "guan"),
    "欧阳": ("ou", "yang"),
    "乐正": ("yue", "zheng"),
    "夹谷": ("jia", "gu"),
    "叶赫": ("ye", "he"),
    "拓跋": ("tuo", "ba"),
    "颛孙": ("zhuan", "sun"),
    "夏侯": ("xia", "hou"),
    "仲孙": ("zhong", "sun"),
    "宇文": ("yu", "wen"),
}
"""Readings of the two-character surnames whose characters are, or may be, read otherwise elsewhere."""

_COMPOUND = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 夏侯 诸葛 闻人 公羊 赫连 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙"
    " 慕容 仲孙 钟离 宇文 司徒 司空 闾丘 司寇 巫马 公西 颛孙 公良 漆雕 乐正 谷梁 拓跋 夹谷 轩辕 段干 百里"
    " 东郭 南门 羊舌 微生 梁丘 左丘 西门 第五 纳兰 完颜 耶律 叶赫 富察 达奚 尉迟 万俟 单于 长孙 澹台 鲜于"
    " 呼延 令狐 宰父 亓官 爱新觉罗"
)
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())
"""The surnames of two characters (and the one of four)."""

COMMON_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季"
    "裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦"
    "戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻"
    "苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练"
    "廉禹井祖漆巴丰支卿国狄平计索宣晋相初门雍闪苍嵇糜仉佀逄訾亓逯虎晁茹宓阎萧傅洪丘代贲习郗但云冒凤幸"
    "幺么乜员况冶隗郇泰诸郦濮蹇缑羊芮羿靖汲邴松乌弓"
)
"""Single-character surnames that stand for practically everyone with a Chinese name."""
