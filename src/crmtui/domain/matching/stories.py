"""What explains that two records agree: one customer, or one of the other stories that such agreement can have.

A pair is one customer when that explains what is seen better than every other story does: strangers who agree by chance, a
household that shares surname, address and landline, colleagues who share employer, office and switchboard, firms of one
group. So what comes in a bundle (an office, a home) is never counted as if its parts were independent.
"""

from __future__ import annotations

from crmtui.domain.matching import signals as s

CHANCE = -1.0
"""In a story: the values agree as often as among strangers, by the frequency of the value."""

Table = dict[int, tuple[float, ...]]
"""By signal, the probability of each level from 1 on, given the story, when both values are known."""

MATCH: Table = {
    s.GIVEN: (0.72, 0.05, 0.06, 0.07, 0.04, 0.02, 0.02, 0.01),
    s.FAMILY: (0.88, 0.025, 0.06, 0.015, 0.02),
    s.PHONE: (0.70, 0.06, 0.24),
    s.EMAIL: (0.66, 0.03, 0.06, 0.06, 0.07, 0.12),
    s.HANDLE: (0.8, 0.2),
    s.STREET: (0.66, 0.14, 0.20),
    s.NUMBER: (0.80, 0.06, 0.14),
    s.POSTCODE: (0.90, 0.05, 0.05),
    s.POSTCODE_MOVED: (0.35, 0.1, 0.55),
    s.CITY: (0.90, 0.05, 0.05),
    s.CITY_MOVED: (0.45, 0.05, 0.50),
    s.REGION: (0.9, 0.03, 0.07),
    s.BIRTHDAY: (0.85, 0.09, 0.06),
    s.COMPANY: (0.72, 0.08, 0.06, 0.02, 0.02, 0.10),
    s.TITLE: (0.985, 0.015),
    s.SUFFIX: (0.95, 0.05),
    s.UNIT: (0.75, 0.1, 0.15),
    s.FIRM: (0.78, 0.08, 0.07, 0.01, 0.005, 0.055),
    s.DOMAIN: (0.88, 0.12),
    s.LEGAL: (0.95, 0.05),
    s.TAX_ID: (0.95, 0.045, 0.005),
}

STRANGERS: Table = {
    s.GIVEN: (0.004, 0.002, 0.006, 0.004, 0.005, 0.02, 0.03, 0.929),
    s.FAMILY: (0.002, 0.003, 0.006, 0.01, 0.979),
    s.PHONE: (0.00002, 0.00002, 0.99996),
    s.EMAIL: (0.00001, 0.00001, 0.0003, 0.0002, 0.0005, 0.999),
    s.HANDLE: (0.00001, 0.99999),
    s.STREET: (0.0008, 0.003, 0.9962),
    s.NUMBER: (0.012, 0.02, 0.968),
    s.POSTCODE: (0.002, 0.008, 0.99),
    s.POSTCODE_MOVED: (0.002, 0.008, 0.99),
    s.CITY: (0.02, 0.005, 0.975),
    s.CITY_MOVED: (0.02, 0.005, 0.975),
    s.REGION: (0.1, 0.02, 0.88),
    s.BIRTHDAY: (0.00006, 0.001, 0.9989),
    s.COMPANY: (0.0006, 0.0003, 0.0015, 0.0005, 0.0001, 0.997),
    s.TITLE: (0.5, 0.5),
    s.SUFFIX: (0.3, 0.7),
    s.UNIT: (0.01, 0.02, 0.97),
    s.FIRM: (0.0003, 0.001, 0.003, 0.0005, 0.0001, 0.9951),
    s.DOMAIN: (0.0002, 0.9998),
    s.LEGAL: (0.35, 0.65),
    s.TAX_ID: (0.00001, 0.0001, 0.99989),
}

# Signals that a story does not name are as among strangers.
HOUSEHOLD: Table = {
    s.GIVEN: (CHANCE, CHANCE, 0.01, 0.008, 0.006, 0.03, 0.03, 0.89),
    s.FAMILY: (0.80, 0.04, 0.01, 0.01, 0.14),
    s.PHONE: (0.42, 0.02, 0.56),
    s.EMAIL: (0.05, 0.02, 0.02, 0.005, 0.06, 0.845),
    s.STREET: (0.93, 0.05, 0.02),
    s.NUMBER: (0.95, 0.02, 0.03),
    s.POSTCODE: (0.95, 0.03, 0.02),
    s.POSTCODE_MOVED: (0.6, 0.1, 0.3),
    s.CITY: (0.95, 0.03, 0.02),
    s.CITY_MOVED: (0.6, 0.05, 0.35),
    s.REGION: (0.97, 0.01, 0.02),
    s.UNIT: (0.85, 0.05, 0.1),
    s.BIRTHDAY: (0.003, 0.01, 0.987),
    s.COMPANY: (0.12, 0.02, 0.01, 0.005, 0.005, 0.84),
    s.TITLE: (0.4, 0.6),
    s.SUFFIX: (0.2, 0.8),
}
"""People who live together; the chance of a father and son of one name is added by ``NAMESAKE_AT_HOME``."""

NAMESAKE_AT_HOME = 0.005

COLLEAGUES: Table = {
    s.PHONE: (0.45, 0.05, 0.50),
    s.EMAIL: (0.004, 0.25, 0.02, 0.001, 0.62, 0.105),
    s.STREET: (0.85, 0.06, 0.09),
    s.NUMBER: (0.93, 0.03, 0.04),
    s.POSTCODE: (0.93, 0.03, 0.04),
    s.POSTCODE_MOVED: (0.6, 0.1, 0.3),
    s.CITY: (0.95, 0.03, 0.02),
    s.CITY_MOVED: (0.6, 0.05, 0.35),
    s.REGION: (0.97, 0.01, 0.02),
    s.UNIT: (0.8, 0.05, 0.15),
    s.COMPANY: (0.90, 0.05, 0.02, 0.015, 0.01, 0.005),
}

GROUP: Table = {
    s.FIRM: (0.25, 0.35, 0.05, 0.20, 0.12, 0.03),
    s.PHONE: (0.12, 0.08, 0.80),
    s.EMAIL: (0.03, 0.15, 0.03, 0.05, 0.45, 0.29),
    s.DOMAIN: (0.7, 0.3),
    s.STREET: (0.10, 0.05, 0.85),
    s.POSTCODE: (0.5, 0.2, 0.3),
    s.POSTCODE_MOVED: (0.03, 0.07, 0.9),
    s.CITY: (0.5, 0.1, 0.4),
    s.CITY_MOVED: (0.12, 0.03, 0.85),
    s.REGION: (0.3, 0.05, 0.65),
    s.LEGAL: (0.6, 0.4),
    s.TAX_ID: (0.02, 0.03, 0.95),
}
"""Firms of one group, in two towns or two trades, and the branches of one."""

NAMESAKES: Table = {
    s.GIVEN: (0.9, 0.03, 0.01, 0.01, 0.01, 0.01, 0.01, 0.02),
    s.FAMILY: (0.93, 0.03, 0.01, 0.01, 0.02),
    s.EMAIL: (CHANCE, CHANCE, 0.02, 0.08, 0.01, 0.88),
    s.TITLE: (0.9, 0.1),
    s.SUFFIX: (0.5, 0.5),
    s.CITY: (0.25, 0.01, 0.74),
    s.CITY_MOVED: (0.25, 0.01, 0.74),
}
"""Two people who happen to have the same name; an address made of the name is then often alike as well."""

STORIES: dict[str, Table] = {"namesakes": NAMESAKES, "household": HOUSEHOLD, "colleagues": COLLEAGUES, "group": GROUP}
PERSON_STORIES = ("household", "colleagues", "namesakes")
FIRM_STORIES = ("group",)

TYPICAL: dict[int, float] = {
    s.GIVEN: 0.004,
    s.FAMILY: 0.003,
    s.PHONE: 0.000005,
    s.EMAIL: 0.000005,
    s.HANDLE: 0.000005,
    s.STREET: 0.0004,
    s.NUMBER: 0.012,
    s.POSTCODE: 0.001,
    s.POSTCODE_MOVED: 0.001,
    s.CITY: 0.015,
    s.CITY_MOVED: 0.015,
    s.REGION: 0.08,
    s.BIRTHDAY: 0.00006,
    s.COMPANY: 0.0003,
    s.UNIT: 0.005,
    s.FIRM: 0.0002,
    s.DOMAIN: 0.0001,
    s.TAX_ID: 0.000001,
}
"""How frequent a value of a signal typically is, for files too small to tell."""

CUSTOM_MATCH = (0.85, 0.07, 0.08)
CUSTOM_STRANGERS = (0.002, 0.005, 0.993)
CUSTOM_TYPICAL = 0.002
