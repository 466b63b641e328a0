"""From the columns of a foreign table to the fields of a customer."""
