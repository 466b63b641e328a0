"""Words by which nested files tell what their parts are: records, lists that belong to a record, a customer's own data."""

import re

ENTITIES = re.compile(
    r"(?i)(?:.*[_.])?(?:contacts?|customers?|people|persons?|leads?|clients?|users?|members?|employees|staff|attendees|participants|accounts?|companies|company|"
    r"organi[sz]ations?|subscribers?|kunden|kontakte|records?|data|items?|results?|rows?|values?|list|entries|docs?|hits|"
    r"客户|客戶|联系人|聯絡人|会员|用户|线索|数据|列表)\Z"
)
"""Names of things that hold records."""
PEOPLE = re.compile(
    r"(?i)(?:.*[_.])?(?:contacts?|customers?|people|persons?|leads?|clients?|employees|kunden|kontakte|客户|客戶|联系人|聯絡人|会员)\Z"
)
"""Names of things that hold customers."""
DETAILS = re.compile(
    r"(?i)(?:phone|e?-?mail|address|url|website|link|tag|label|impp|im_|ims?\Z|messag|social|custom_?field|field|attribute|line_?item|"
    r"telefon|电话|手机|邮箱|地址|标签).*"
)
"""Names of lists that belong to one customer."""
PLACES = re.compile(
    r"(?i)(?:billing|shipping|home|work|office|mailing|private|primary|secondary|address|main|other)\b.*"
)
"""Names of the several addresses or parts of one customer."""
IDENTITY = re.compile(
    r"(?i)(?:(?:first|last|full|given|family|display)?[ _]?name|e-?mail|phone|mobile|company|姓名|名称|客户名称|手机|电话)\Z"
)
"""Names of what makes a record a customer."""
