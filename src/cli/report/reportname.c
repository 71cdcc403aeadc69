/* Two tables. A category that isn't in the second one has its own identifier with spaces. */
#include "cli/report/reportname.h"

#include <string.h>

static const struct {
    const char *category, *name, *todo;
} categories[] = {
    { "bad_mailbox", "no such mailbox",
      "Suppress these addresses; if they came all at once, look where the list is from." },
    { "bad_domain", "no such domain", "Suppress these addresses: look for typing errors first." },
    { "domain_no_mail", "domain takes no mail", "Suppress these addresses." },
    { "moved", "mailbox moved", "Suppress these addresses, or ask for the new ones." },
    { "inactive_mailbox", "mailbox disabled",
      "Suppress these addresses; if many of one provider came at once, wait a day and look "
      "again." },
    { "mailbox_full", "mailbox full", "Nothing for now: they're tried again." },
    { "recipient_filtered", "filtered by the recipient",
      "Nothing for a few; for many, ask the postmaster there." },
    { "message_too_big", "message too big", "Send less: link to what is attached." },
    { "attachment_rejected", "attachment refused", "Leave out attachments of this type." },
    { "content_rejected", "content refused",
      "Look at what this mailing has that others hadn't, its links above all." },
    { "not_rfc_compliant", "message malformed",
      "Have the program mended that writes the message: the refusal says what is wrong." },
    { "protocol_error", "protocol error", "Look at the mail server's own log of that time." },
    { "eai_unsupported", "international address not supported",
      "Write to an ASCII address of this recipient, if there's one." },
    { "spam_content", "called spam",
      "Stop this mailing; compare its text, links and recipients with those before." },
    { "virus", "called malware", "Stop this mailing, and look for what was attached or linked." },
    { "ip_blocked", "sending address blocked",
      "Stop the flow from this address, find what it sent, then ask the list for removal." },
    { "bad_reputation", "bad reputation",
      "Send less, to recipients who answer, until the reputation recovers." },
    { "auth_failed", "SPF, DKIM or DMARC failed",
      "Look at what changed in DNS records, keys or the sending address." },
    { "no_ptr", "no reverse DNS name",
      "Give the sending address a name that points back to it, at whoever owns the address." },
    { "sender_rejected", "sender refused",
      "Look whether the envelope sender exists and its domain takes mail." },
    { "policy", "refused by policy", "Read the refusal: a local rule of that host decides." },
    { "security", "refused for security", "Read the refusal: it names what that host demands." },
    { "rate_limited", "too many messages", "Send more slowly to this provider." },
    { "too_many_connections", "too many connections", "Allow fewer connections to this provider." },
    { "greylisted", "asked to come back later", "Nothing: the mail system tries again." },
    { "relay_denied", "relaying denied",
      "Look at the domain's MX records, and at our own routes for it." },
    { "tls_required", "TLS required or failed", "Switch TLS on, and look at certificates." },
    { "dns_failure", "DNS failed", "Look whether our resolver works; if so, wait." },
    { "no_connection", "no connection",
      "Look whether other hosts can be reached from here; if so, wait." },
    { "routing_loop", "mail loops", "Look at our own routes for that domain, and at its MX." },
    { "expired", "waited too long", "Look at the delays before: the first of them says why." },
    { "system_full", "receiving system full", "Nothing: wait." },
    { "remote_error", "receiving system failed",
      "Nothing for a few; for many, tell its postmaster." },
    { "mailer_error", "delivery program failed", "Tell the postmaster of that host." },
    { "suppressed", "on the service's suppression list",
      "Suppress these addresses here too, or have them taken off that list." },
    { "unknown", "reason unknown", "Read some of them: dsnctl explain takes their words." },
};

static const struct {
    enum report_table table;
    const char *key, *name;
} names[] = {
    { REPORT_TABLE_ADVICE, "slow_down", "slow down" },
    { REPORT_TABLE_ADVICE, "fix_sender", "fix the sending side" },
    { REPORT_TABLE_ADVICE, "fix_content", "fix the message" },
    { REPORT_TABLE_ADVICE, "retry", "try again" },
    { REPORT_TABLE_ADVICE, "review", "look at it" },
    { REPORT_TABLE_ADVICE, "none", "nothing" },
    { REPORT_TABLE_KIND, "auto_reply", "automatic reply" },
    { REPORT_TABLE_KIND, "other", "no report" },
    { REPORT_TABLE_KIND, "unprocessable", "unreadable" },
    { REPORT_TABLE_TRUST, "suspect", "maybe forged" },
    { REPORT_TABLE_TRUST, "unsigned", "without a signature" },
};

const char *
report_name (enum report_table table, const char *key)
{
    for (size_t i = 0; table == REPORT_TABLE_CATEGORY && i < G_N_ELEMENTS (categories); i++)
        if (strcmp (categories[i].category, key) == 0)
            return categories[i].name;
    for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
        if (names[i].table == table && strcmp (names[i].key, key) == 0)
            return names[i].name;
    return key;
}

const char *
report_name_todo (const char *category)
{
    for (size_t i = 0; i < G_N_ELEMENTS (categories); i++)
        if (strcmp (categories[i].category, category) == 0)
            return categories[i].todo;
    return NULL;
}
