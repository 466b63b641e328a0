"""What people call the columns that are no fields: those of contact points, interactions, tasks, deals and the like."""

from crmtui.i18n import N_

COLUMN_LABELS = {
    "kind": N_("Kind"),
    "value": N_("Value"),
    "label": N_("Label"),
    "state": N_("State"),
    "is_primary": N_("First choice"),
    "tag": N_("Tag"),
    "at": N_("When"),
    "minutes": N_("Minutes"),
    "subject": N_("Subject"),
    "body": N_("Text"),
    "text": N_("Text"),
    "outcome": N_("Outcome"),
    "due_at": N_("Due"),
    "done_at": N_("Done"),
    "title": N_("Title"),
    "number": N_("Number"),
    "amount": N_("Amount"),
    "currency": N_("Currency"),
    "status": N_("Status"),
    "note": N_("Note"),
    "query": N_("Query"),
    "archived_at": N_("Archived"),
}
