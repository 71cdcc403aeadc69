/* Events as blocks of text. */
#include "cli/formats/pretty.h"
#include "cli/terminal/paragraph.h"

#include "core/event/taxonomy.h"

#include <jansson.h>
#include <string.h>

/* A row holds for the given kind, and class or action where it names one: the first that fits. */
static const struct verdict {
    const char *kind, *cls, *action;
    const char *words;
    const char *color;
} verdicts[] = {
    { "bounce", "hard", NULL, "Hard bounce", RED },
    { "bounce", "soft", NULL, "Soft bounce", YELLOW },
    { "bounce", NULL, NULL, "Bounce", YELLOW },
    { "delayed", NULL, NULL, "Delayed", YELLOW },
    { "delivered", NULL, "relayed", "Relayed", GREEN },
    { "delivered", NULL, "expanded", "Expanded", GREEN },
    { "delivered", NULL, NULL, "Delivered", GREEN },
    { "complaint", NULL, NULL, "Complaint", MAGENTA },
    { "receipt", NULL, NULL, "Receipt", GREEN },
    { "auto_reply", NULL, NULL, "Automatic reply", BLUE },
    { "challenge", NULL, NULL, "Challenge", BLUE },
    { "unsubscribe", NULL, NULL, "Unsubscribe request", MAGENTA },
    { "other", NULL, NULL, "Not a report", DIM },
    { "unprocessable", NULL, NULL, "Could not be read", RED },
    { NULL, NULL, NULL, "Event", DIM },
};

static const struct {
    const char *advice;
    const char *words;
} advices[] = {
    { "suppress", "suppress: send nothing more to this address" },
    { "retry", "retry: the address is fine, send again later" },
    { "slow_down", "slow down: send less at a time, then again" },
    { "fix_sender", "fix the sending side; the address is fine" },
    { "fix_content", "fix the message; the address is fine" },
    { "review", "review: a person should look at this" },
};

/* The block that is being written. */
struct block {
    GString *out;
    const json_t *event;
    const struct tty *tty;
};

/* The string @key of @object; NULL if it's absent or something else. */
static const char *
get (const json_t *object, const char *key)
{
    return json_string_value (json_object_get (object, key));
}

static void
append_colored (const struct block *b, const char *color, const char *text)
{
    paragraph_append_colored (b->out, color, text, b->tty);
}

/* A labelled line; @text is wrapped under itself. */
static void
append_line (const struct block *b, const char *label, const char *text)
{
    paragraph_append (b->out, label, text, b->tty);
}

static const struct verdict *
find_verdict (const json_t *event)
{
    const struct verdict *v = verdicts;

    for (; v->kind; v++)
        if (g_strcmp0 (v->kind, get (event, "kind")) == 0 &&
            (!v->cls || g_strcmp0 (v->cls, get (event, "class")) == 0) &&
            (!v->action || g_strcmp0 (v->action, get (event, "action")) == 0))
            break;
    return v;
}

static void
append_heading (const struct block *b)
{
    const struct verdict *v = find_verdict (b->event);
    const char *recipient = get (b->event, "recipient");
    const char *original = get (b->event, "original_recipient");
    const char *final = get (b->event, "final_recipient");
    g_autoptr (GString) line = g_string_new (NULL);

    append_colored (b, v->color, b->tty->is_utf8 ? "● " : "* ");
    append_colored (b, v->color, v->words);
    if (recipient) {
        g_string_append (line, "  ");
        tty_append_safe (line, dsn_bytes_str (recipient), b->tty->is_utf8);
    }
    if (final && g_strcmp0 (final, recipient) != 0) {
        g_string_append (line, "  (forwarded to ");
        tty_append_safe (line, dsn_bytes_str (final), b->tty->is_utf8);
        g_string_append_c (line, ')');
    } else if (original && g_strcmp0 (original, recipient) != 0) {
        g_string_append (line, "  (sent to ");
        tty_append_safe (line, dsn_bytes_str (original), b->tty->is_utf8);
        g_string_append_c (line, ')');
    }
    g_string_append_len (b->out, line->str, (gssize)line->len);
    g_string_append_c (b->out, '\n');
}

static void
append_reason (const struct block *b)
{
    const char *category = get (b->event, "category");
    const char *list = get (b->event, "block_list");
    const struct dsn_category *row;
    g_autoptr (GString) text = g_string_new (NULL);

    if (!category)
        return;
    row = dsn_category_get (dsn_category_lookup (dsn_bytes_str (category)));
    g_string_append (text, row->meaning ? row->meaning : category);
    if (list)
        g_string_append_printf (text, "; named by %s", list);
    if (row->meaning)
        g_string_append_printf (text, " (%s)", category);
    append_line (b, "why", text->str);
}

/* The reply as it was quoted, with the codes where the quotation lacks them. */
static void
append_reply (const struct block *b)
{
    const char *diagnostic = get (b->event, "diagnostic");
    const char *reply = get (b->event, "reply_code");
    const char *status = get (b->event, "status");
    const char *command = get (b->event, "smtp_command");
    g_autoptr (GString) text = g_string_new (NULL);

    if (reply && !(diagnostic && strstr (diagnostic, reply)))
        g_string_append_printf (text, "%s ", reply);
    if (status && !(diagnostic && strstr (diagnostic, status)))
        g_string_append_printf (text, "%s ", status);
    if (diagnostic)
        g_string_append (text, diagnostic);
    g_strchomp (text->str);
    if (*text->str) {
        g_autofree char *line =
            command ? g_strdup_printf ("%s  [answer to %s]", text->str, command) : NULL;
        append_line (b, "reply", line ? line : text->str);
    }
}

static void
append_hosts (const struct block *b)
{
    const char *host = get (b->event, "remote_mta"), *ip = get (b->event, "remote_ip");
    const char *provider = get (b->event, "provider");
    const char *reporter = get (b->event, "reporting_mta"), *format = get (b->event, "format");
    g_autoptr (GString) text = g_string_new (NULL);

    if (host)
        g_string_append (text, host);
    if (ip && g_strcmp0 (ip, host) != 0)
        g_string_append_printf (text, "%s[%s]", host ? " " : "", ip);
    if (provider)
        g_string_append_printf (text, "%s(%s)", text->len ? " " : "", provider);
    if (reporter || format)
        g_string_append_printf (text, "%stold by %s", text->len ? ", " : "",
                                reporter ? reporter : format);
    if (reporter && format)
        g_string_append_printf (text, " (%s)", format);
    if (text->len)
        append_line (b, "where", text->str);
}

/* A mail's subject, people and id, whichever are there. */
static void
append_mail (const struct block *b, const char *label, const json_t *mail)
{
    const char *from = get (mail, "from"), *subject = get (mail, "subject");
    const char *id = get (mail, "message_id");
    g_autoptr (GString) text = g_string_new (NULL);

    if (subject)
        g_string_append_printf (text, "\"%s\" ", subject);
    if (from)
        g_string_append_printf (text, "from %s ", from);
    if (id)
        g_string_append (text, id);
    g_strchomp (text->str);
    if (*text->str)
        append_line (b, label, text->str);
}

static void
append_advice (const struct block *b)
{
    const char *advice = get (b->event, "advice");
    const char *until = get (b->event, "will_retry_until");

    /* a delayed message is still under way: another copy would only be one more */
    if (g_strcmp0 (get (b->event, "kind"), "delayed") == 0) {
        g_autofree char *text = g_strconcat ("wait: the mail system goes on trying",
                                             until ? ", until " : NULL, until, NULL);
        append_line (b, "do", text);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS (advices); i++)
        if (g_strcmp0 (advices[i].advice, advice) == 0)
            append_line (b, "do", advices[i].words);
}

static void
append_rule (const struct block *b)
{
    const char *rule = get (b->event, "rule");
    const json_t *confidence = json_object_get (b->event, "confidence");
    g_autoptr (GString) text = g_string_new (NULL);

    if (!confidence)
        return;
    if (rule)
        g_string_append_printf (text, "rule %s, ", rule);
    g_string_append_printf (text, "confidence %d of 100", (int)json_integer_value (confidence));
    append_line (b, "by", text->str);
}

static void
append_list (const struct block *b, const char *label, const char *key)
{
    const json_t *list = json_object_get (b->event, key);

    for (size_t i = 0; i < json_array_size (list); i++) {
        const char *text = json_string_value (json_array_get (list, i));
        if (text)
            append_line (b, label, text);
    }
}

/* Where the event itself is from. */
static void
append_source (const struct block *b)
{
    const json_t *source = json_object_get (b->event, "source");
    const json_t *part = json_object_get (b->event, "part");
    const json_t *seq = json_object_get (b->event, "seq");
    const json_int_t n = json_integer_value (json_array_get (part, 1));
    const char *file = get (source, "file"), *mailbox = get (source, "mailbox");
    const char *time = get (b->event, "time");
    g_autoptr (GString) text = g_string_new (NULL);

    if (seq)
        g_string_append_printf (text, "%lld  ", (long long)json_integer_value (seq));
    if (time)
        g_string_append_printf (text, "%s  ", time);
    if (mailbox)
        g_string_append_printf (text, "%s: ", mailbox);
    if (file)
        g_string_append (text, file);
    if (n > 1)
        g_string_append_printf (text, "  (recipient %lld of %lld)",
                                (long long)json_integer_value (json_array_get (part, 0)),
                                (long long)n);
    if (text->len)
        append_line (b, seq ? "event" : "file", text->str);
}

void
pretty_append_json (GString *out, struct dsn_bytes json, const struct tty *tty)
{
    json_t *event = json_loadb (json.p, json.n, 0, NULL);
    const struct block b = { out, event, tty };

    if (!json_is_object (event)) {
        tty_append_safe (out, json, tty->is_utf8);
        g_string_append (out, "\n\n");
        json_decref (event);
        return;
    }
    append_heading (&b);
    append_reason (&b);
    append_reply (&b);
    append_hosts (&b);
    append_mail (&b, "mail", json_object_get (event, "original"));
    if (!json_object_get (event, "category"))
        append_mail (&b, "report", json_object_get (event, "report"));
    append_advice (&b);
    append_rule (&b);
    append_list (&b, "evidence", "evidence");
    append_list (&b, "kind", "kind_evidence");
    append_list (&b, "warning", "warnings");
    append_source (&b);
    g_string_append_c (out, '\n');
    json_decref (event);
}
