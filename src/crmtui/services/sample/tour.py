"""The customers the tour and the pictures show, written by hand: 张伟 of 上海启明电子 and Lily Zhang of Beacon Mill Textiles."""

from crmtui.services.sample.activity import Deal, Event, Order, Task
from crmtui.services.sample.calendar import Calendar
from crmtui.services.sample.people import TOUR_COMPANIES, Draft, Group
from crmtui.services.sample.places import place_in
from crmtui.services.sample.talk import TALK_LANGUAGE

TOUR_ORDER = "SO-10233"
"""The number of 张伟's newest order; all others are counted from it."""

_ZHANG_WEI = """
1080|call|in|6||展会上加的微信，来电问热敏标签价格，每月3万张左右|有意向
1068|meeting|-|45||去启明看产线，标签贴在电路板上，要耐高温260℃|有意向
1060|email|out|0|样品寄出：耐高温标签|两款样品已发顺丰，请安排过炉测试。|已寄样
1049|call|in|5||样品过炉测试通过，品质部已签字，让出报价|有意向
1041|email|out|0|报价单 v1|耐高温标签3万张，含税¥9,600，交期7天。|已报价
1030|call|in|4||首单定了，{so}，先走预付|已下单
700|visit|-|60||年度拜访，带了新样册；{boss}问防静电袋能不能一起供|满意
520|call|in|9||投诉：上批有一卷偏移，要求补货，当天安排补发|投诉
516|message|out|0||补发到货，张经理说没问题了，处理得快|满意
310|note|-|0||喜欢喝茶，不抽烟。{boss}管预算，周一开会不要打电话|
161|meeting|-|50||和{boss}一起谈年度框架，全年约20万张，要返点3%|有意向
134|call|out|7||确认下季度计划，防静电袋先试一批|有意向
112|email|in|0|采购订单|附件为本月采购订单，请确认交期。|已下单
101|message|out|0||货已发，德邦，周四到|已发货
89|call|out|5||回访：新卷芯换卷快了，车间满意|满意
78|email|in|0|对账单|对账单收到，金额一致，月底付款。|满意
68|call|in|6||苏州新仓年底启用，防静电袋规格发过来了|有意向
56|visit|-|40||送防静电袋样品到品质部，现场测了表面电阻，合格|满意
45|call|out|9||聊价格，立信包装便宜5%，我们交期有优势|议价
34|email|out|0|防静电袋规格确认|按贵司图纸整理的规格书，请品质部盖章回传。|待跟进
23|email|out|0|报价单 v2|年度框架：热敏标签＋防静电袋，两项合计¥60,000，返点3%。|已报价
12|call|in|4||先按老价格下一单应急，{so}，¥18,200，下周一要到|已下单
6|message|out|0||货到了，张经理回：收到，数量对|已送达
2|call|out|8||价格可以,等总监批,周五送样品|等审批
"""
_ZHANG_WEI_ORDERS = (
    (1030, 960_000),
    (902, 1_240_000),
    (745, 1_180_000),
    (590, 1_560_000),
    (433, 1_420_000),
    (285, 1_390_000),
    (190, 1_630_000),
    (112, 1_640_000),
    (12, 1_820_000),
)
_LILY_ZHANG = """
460|meeting|-|15||Met at Pack Expo. Hang tags for a new linen line, their supplier keeps missing dates|interested
455|email|out|0|Catalogue and swatches|As promised, the catalogue. Page 14 has the recycled hang tags we talked about.|sent
447|call|out|14||12,000 hang tags a season, two sizes, cotton string. Wants FSC paper|interested
440|email|out|0|Samples on the way|Three papers, two strings. Tracking inside.|samples sent
431|call|in|6||Loves the uncoated one. String a bit longer, then it is a yes|interested
428|email|out|0|Quote: 12,000 hang tags|$1,940 delivered, lead time 12 working days, 30 days net.|quoted
421|email|in|0|Purchase order {so}|Please find attached our first order. Kindly confirm the date.|ordered
402|call|out|4||{so} arrived complete, colours match|delivered
330|visit|-|75||Walked the mill in San Francisco. They re-label a third of all cartons by hand|happy
245|email|in|0|Order {so}|Same as last time please, deliver to dock 3.|ordered
180|call|in|9||Complaint: one carton of tags cut 1 mm short. Replacement went out the same day|complaint
121|email|in|0|Order {so}|Spring line: 18,000 this time, same paper.|ordered
77|call|out|11||New returns desk opens in fall, interested in removable labels|interested
36|call|out|12||Wants a price for removable labels by the time the new desk opens. Send two rolls|follow up
"""
_LILY_ZHANG_ORDERS = ((421, 194_000), (245, 201_500), (121, 287_000))


def tour(calendar: Calendar, friday_minute: int) -> list[Group]:
    """The groups of the tour. ``friday_minute``: when on Friday the sample is due, in minutes of the day as tasks have it."""
    return [_qiming(calendar, friday_minute), _beacon_mill(calendar)]


def _qiming(calendar: Calendar, friday_minute: int) -> Group:
    company_name = TOUR_COMPANIES[0]
    source = f"展会{calendar.year - 3}"
    company = _draft(
        "cn",
        {
            "kind": "company",
            "name": company_name,
            "phones": "021-5555 0100",
            "emails": "office@qiming.example",
            "urls": "https://www.qiming.example",
            "street": "金桥路1288号6楼",
            "postal_code": "201206",
            "city": "上海",
            "region": "上海",
            "country": "中国",
            "industry": "电子",
            "payment_terms": "30",
            "external_ids": "erp:K10071",
            "stage": "customer",
            "owner": "李雷",
            "source": source,
            "tags": f"{source}, 重点客户",
        },
    )
    zhang = _draft(
        "cn",
        {
            "kind": "person",
            "name": "张伟",
            "company": company_name,
            "job_title": "采购经理",
            "phones": "手机 138 1234 5678; 办公 021-5555 0101",
            "emails": "zhangwei@qiming.example",
            "wechat": "zw_88",
            "street": "金桥路1288号6楼",
            "postal_code": "201206",
            "city": "上海",
            "region": "上海",
            "country": "中国",
            "birthday": "1988-05-21",
            "language": "zh",
            "stage": "customer",
            "owner": "李雷",
            "source": source,
            "tags": "VIP",
            "notes": "喜欢喝茶，不抽烟。周一上午开会，下午再打。合同要走总监审批。",
        },
    )
    _fill(calendar, zhang, _ZHANG_WEI, _ZHANG_WEI_ORDERS, boss="陈总监")
    zhang.deals = [
        Deal(
            f"{calendar.year + 1}年度框架：标签",
            4_200_000,
            "CNY",
            [("new", 161), ("qualified", 68), ("proposal", 23)],
            -25,
        ),
        Deal("苏州新仓防静电袋", 1_800_000, "CNY", [("new", 68), ("proposal", 34), ("negotiation", 2)], -12),
    ]
    friday = -((4 - calendar.weekday(0)) % 7)
    zhang.tasks = [
        Task("送样品", friday, friday_minute, 2, None),
        Task("年度框架合同盖章", friday - 11, None, 2, None),
        Task("节前送台历", friday - 28, None, 12, None),
        Task("寄防静电袋样品", 56, None, 68, 56),
        Task("发报价单 v2", 23, None, 45, 23),
    ]
    engineer = _draft(
        "cn",
        {
            "kind": "person",
            "name": "刘敏",
            "company": company_name,
            "job_title": "品质部经理",
            "phones": "139 1612 0088",
            "emails": "liumin@qiming.example",
            "city": "上海",
            "region": "上海",
            "country": "中国",
            "stage": "customer",
            "owner": "李雷",
            "source": source,
        },
    )
    _fill(
        calendar,
        engineer,
        "1049|call|out|12||确认过炉测试条件：260℃，10秒，三次|满意\n56|meeting|-|40||一起测防静电袋表面电阻，合格，签样|满意",
        (),
    )
    company.created = company.updated = 1081
    return Group(company, zhang, [engineer])


def _beacon_mill(calendar: Calendar) -> Group:
    company_name = TOUR_COMPANIES[1]
    place = {
        "street": "88 Mission St, Suite 400",
        "city": "San Francisco",
        "region": "CA",
        "postal_code": "94105",
        "country": "United States",
    }
    company = _draft(
        "us",
        {
            "kind": "company",
            "name": company_name,
            "phones": "(415) 555-0130",
            "emails": "office@beaconmill.example",
            "urls": "https://www.beaconmill.example",
            **place,
            "industry": "textiles",
            "payment_terms": "30",
            "stage": "customer",
            "owner": "Emma",
            "source": "trade fair",
        },
    )
    lily = _draft(
        "us",
        {
            "kind": "person",
            "name": "Lily Zhang",
            "family_name": "Zhang",
            "given_name": "Lily",
            "company": company_name,
            "job_title": "Head of Procurement",
            "phones": "+1 415 555 0134",
            "emails": "lily.zhang@beaconmill.example",
            **place,
            "birthday": "1991-09-02",
            "language": "en",
            "stage": "customer",
            "owner": "Emma",
            "source": "trade fair",
            "tags": f"key account, fair-{calendar.year - 1}",
            "notes": "Call after 10. Cares about recycled paper, send the certificate with every quote.",
        },
    )
    _fill(calendar, lily, _LILY_ZHANG, _LILY_ZHANG_ORDERS)
    lily.deals = [Deal("Removable labels for the returns desk", 640_000, "USD", [("new", 77), ("qualified", 36)], -40)]
    lily.tasks = [Task("Send two rolls of removable labels", -3, None, 36, None)]
    company.created = company.updated = 461
    return Group(company, lily, [])


def _draft(country: str, values: dict[str, str]) -> Draft:
    from random import Random

    draft = Draft(values, place_in(Random(0), country))
    draft.owner, draft.stage, draft.language = values["owner"], values["stage"], TALK_LANGUAGE[country]
    return draft


def _fill(calendar: Calendar, draft: Draft, story: str, orders: tuple[tuple[int, int], ...], boss: str = "") -> None:
    by_day: dict[int, Order] = {}
    for ago, amount in orders:
        by_day[ago] = Order(_workday(calendar, ago), 615, amount, draft.currency, "paid", "")
        draft.orders.append(by_day[ago])
    order: Order | None = None
    for line in story.strip().splitlines():
        days, kind, direction, minutes, subject, body, outcome = line.split("|")
        ago = int(days)
        order = by_day.get(ago, order)
        draft.events.append(
            Event(
                _workday(calendar, ago),
                552 if ago == 2 else 560 + ago * 37 % 420,
                kind,
                None if direction == "-" else direction,
                int(minutes) or None,
                subject or None,
                body.replace("{boss}", boss),
                outcome or None,
                order,
            )
        )
    draft.created, draft.updated = draft.events[0].ago, draft.events[-1].ago


def _workday(calendar: Calendar, ago: int) -> int:
    """What the pictures tell by the day stays on it; the rest moves off the weekends."""
    return ago if ago in (2, 12) else calendar.workday(ago)
