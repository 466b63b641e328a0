"""The invented world of the sample database: seeded, without a clock, without a database.

Everything here is made up. Names and companies are put together from lists, e-mail addresses end in ``.example``, and
phone numbers outside China come from ranges kept free for fiction where a country has them.
"""
