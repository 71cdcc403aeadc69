/* Codes and stage of one recipient: where they're looked for, and which of them tells most.
 */
#include "core/judge/weighing.h"

#include "core/bytes/text.h"
#include "core/notice/format.h"
#include "core/bytes/smtpreply.h"

struct dsn_bytes
weighing_slice (const struct weighing *w, struct text_range range)
{
    return dsn_bytes_sub (text_of (w->normal.text), range.start, range.end);
}

static bool
has_codes (struct dsn_bytes text)
{
    struct smtp_codes codes = smtpreply_codes (text, false);

    return codes.reply || codes.status.cls;
}

/* What stands behind the last "said:" that a code follows: the innermost reply is the truth. */
static struct text_range
inner_reply (const struct weighing *w, struct text_range range)
{
    struct text_range inner = range;
    const GArray *hits = w->hits.in_text;

    for (guint i = hits->len; i > 0; i--) {
        const struct match_hit *hit = &g_array_index (hits, struct match_hit, i - 1);

        if (hit->start < range.start || hit->end >= range.end ||
            !(ruleset_uses (w->in->rules, hit->phrase)->lists & PHRASES_BIT (PHRASES_SAID)))
            continue;
        inner.start = hit->end;
        while (inner.start < inner.end && w->normal.text->str[inner.start] == ' ')
            inner.start++;
        if (has_codes (weighing_slice (w, inner)))
            return inner;
    }
    return range;
}

/* What speaks of the only recipient may stand anywhere in the notification. */
static void
read_whole_codes (struct weighing *w)
{
    struct smtp_codes codes;

    if (w->reply && (w->code_status.cls || w->told_status.cls || w->draft->field_status.cls))
        return;
    codes = smtpreply_codes (w->in->whole_text, false);
    if (!w->reply)
        w->reply = smtpreply_sure (w->in->whole_text);
    if (!w->code_status.cls && !w->told_status.cls)
        w->told_status = codes.status;
}

/* The command that a refusal answers, if words in @range say so; the more explicit comes first. */
static enum dsn_stage
stage_said (const struct rule_hits *hits, struct text_range range)
{
    static const struct {
        enum phrases_name list;
        enum dsn_stage stage;
    } by_list[] = {
        { PHRASES_STAGE_EOM, DSN_STAGE_EOM },
        { PHRASES_STAGE_RCPT, DSN_STAGE_RCPT },
        { PHRASES_STAGE_MAIL, DSN_STAGE_MAIL },
        { PHRASES_STAGE_DATA, DSN_STAGE_DATA },
        { PHRASES_STAGE_STARTTLS, DSN_STAGE_STARTTLS },
        { PHRASES_STAGE_AUTH, DSN_STAGE_AUTH },
        { PHRASES_STAGE_EHLO, DSN_STAGE_EHLO },
        { PHRASES_STAGE_CONNECT, DSN_STAGE_CONNECT },
    };
    uint32_t lists = rule_hits_lists (hits, range);

    for (size_t i = 0; i < G_N_ELEMENTS (by_list); i++)
        if (lists & PHRASES_BIT (by_list[i].list))
            return by_list[i].stage;
    return DSN_STAGE_NONE;
}

static void
read_stage (struct weighing *w)
{
    const struct text_range ranges[] = { w->inner, w->diagnostic, w->told };

    for (size_t i = 0; i < G_N_ELEMENTS (ranges) && !w->stage; i++)
        w->stage = stage_said (&w->hits, ranges[i]);
    if (!w->stage && w->in->is_only && w->in->whole)
        w->stage = stage_said (w->in->whole, (struct text_range){ 0, UINT32_MAX });
    if (!w->stage && w->in->format)
        w->stage = format_stage (w->in->format, &w->hits);
}

/* Whether @lists are of words around a reply that say nothing of their own. */
static bool
is_frame (uint32_t lists)
{
    const uint32_t frame = PHRASES_BIT (PHRASES_SAID) | PHRASES_BIT (PHRASES_STAGE_EOM) |
                           PHRASES_BIT (PHRASES_STAGE_RCPT) | PHRASES_BIT (PHRASES_STAGE_MAIL) |
                           PHRASES_BIT (PHRASES_STAGE_DATA) | PHRASES_BIT (PHRASES_STAGE_STARTTLS) |
                           PHRASES_BIT (PHRASES_STAGE_AUTH) | PHRASES_BIT (PHRASES_STAGE_EHLO) |
                           PHRASES_BIT (PHRASES_STAGE_CONNECT);

    return lists & frame;
}

/* The end of the words around a reply that @hit begins: in brackets, all up to the closing one. */
static uint32_t
bracket_end (struct dsn_bytes text, const struct match_hit *hit)
{
    if (hit->start > 0 && text.p[hit->start - 1] == '(')
        for (uint32_t at = hit->end; at < text.n; at++)
            if (text.p[at] == ')')
                return at;
    return hit->end;
}

/* The end of what begins at @at and is no word of the reply's own: a host name or an address, or
 * words around it. @at itself if there's none. */
static uint32_t
frame_end (const struct weighing *w, uint32_t at, guint *span, guint *hit)
{
    const GArray *spans = w->normal.spans, *hits = w->hits.in_text;
    struct dsn_bytes text = { w->normal.text->str, w->normal.text->len };
    uint32_t end = at;

    for (; *span < spans->len; ++*span) {
        const struct normal_span *s = &g_array_index (spans, struct normal_span, *span);
        if (s->start > at)
            break;
        end = MAX (end, s->end);
    }
    for (; *hit < hits->len; ++*hit) {
        const struct match_hit *h = &g_array_index (hits, struct match_hit, *hit);
        if (h->start > at)
            break;
        if (is_frame (ruleset_uses (w->in->rules, h->phrase)->lists))
            end = MAX (end, bracket_end (text, h));
    }
    return end;
}

/* Whether two letters in a row, or one beyond ASCII, stand in @range outside of its frame. */
static bool
has_words (const struct weighing *w, struct text_range range)
{
    const char *p = w->normal.text->str;
    guint span = 0, hit = 0;
    unsigned letters = 0;

    for (uint32_t at = range.start; at < range.end; at++) {
        uint32_t end = frame_end (w, at, &span, &hit);
        if (end > at) {
            at = end - 1;
            letters = 0;
            continue;
        }
        letters = (unsigned char)p[at] >= 0x80 ? 2 : g_ascii_isalpha (p[at]) ? letters + 1 : 0;
        if (letters > 1)
            return true;
    }
    return false;
}

/* Whether the reply only puts off: its own codes say so, and no other one of them. 4.1.1 is about
 * the address, whatever its class. */
static bool
is_temporary (const struct weighing *w)
{
    g_autofree char *reply = g_strdup_printf ("%u", w->reply);

    if (w->reply >= 500 || w->code_status.cls == 5 ||
        (w->code_status.subject == 1 && w->code_status.detail == 1))
        return false;
    return w->reply >= 400 ? ruleset_code (w->in->rules, reply) != NULL : w->code_status.cls == 4;
}

/* x.1.7 and x.1.8 are about the sender's address (RFC 3463 s.3.2). */
static bool
is_of_sender (struct dsn_status s)
{
    return s.cls && s.subject == 1 && (s.detail == 7 || s.detail == 8);
}

/* The code in a Diagnostic-Code that's an SMTP reply, if nothing but the Status field's class tells
 * that it is one. 0: none. */
static unsigned
reply_in_smtp_field (const struct weighing *w)
{
    const char *type = w->draft->diagnostic_type;
    unsigned cls = w->draft->field_status.cls, reply = 0;
    g_autofree char *name = NULL;

    if (type && strcmp (type, "smtp") == 0 && cls >= 4)
        reply = smtpreply_of_class (weighing_slice (w, w->diagnostic), cls);
    name = g_strdup_printf ("%u", reply);
    return reply && ruleset_code (w->in->rules, name) ? reply : 0;
}

void
codes_read (struct weighing *w, bool any_class)
{
    struct smtp_codes inner, outer, told;

    w->inner = inner_reply (w, w->diagnostic);
    inner = smtpreply_codes (weighing_slice (w, w->inner), any_class);
    outer = smtpreply_codes (weighing_slice (w, w->diagnostic), any_class);
    told = smtpreply_codes (weighing_slice (w, w->told), any_class);

    w->code_status = inner.status.cls ? inner.status : outer.status;
    w->told_status = told.status;
    w->reply = inner.reply ? inner.reply : outer.reply ? outer.reply : w->draft->field_reply;
    if (!w->reply)
        w->reply = reply_in_smtp_field (w);
    if (!w->reply)
        w->reply = told.reply;
    if (w->in->is_only)
        read_whole_codes (w);
    read_stage (w);
    w->has_words = has_words (w, w->inner.end > w->inner.start ? w->inner : w->told);
    w->is_temporary = is_temporary (w);
    w->is_of_sender = is_of_sender (inner.status) || is_of_sender (outer.status);
}

/* A code that only wraps another or names nobody's fault. */
static bool
is_weak (struct dsn_status s)
{
    return !dsn_status_is_specific (s) || dsn_status_is_expiry (s) || s.subject == 5 ||
           (s.subject == 3 && s.detail == 0);
}

/* x.0.0: any other code of the class says more, if only the subject. */
static bool
is_bare (struct dsn_status s)
{
    return s.subject == 0 && s.detail == 0;
}

/* The most telling code: the field's, unless the reply itself says more; where their classes
 * differ, the one that agrees with the reply code. */
void
codes_choose (const struct weighing *w, struct dsn_report *report, struct dsn_recipient *r)
{
    struct dsn_status field = w->draft->field_status, code = w->code_status, best = field;
    char text[DSN_STATUS_TEXT_SIZE];

    r->status_source = DSN_STATUS_SOURCE_FIELD;
    if (!code.cls) {
        code = w->told_status;
        r->status_source = field.cls ? DSN_STATUS_SOURCE_FIELD : DSN_STATUS_SOURCE_TEXT;
    } else if (!field.cls || (code.cls != field.cls && w->reply / 100 == code.cls) ||
               (code.cls == field.cls && !is_weak (code)) || (is_weak (field) && !is_weak (code)) ||
               (!dsn_status_is_specific (field) && dsn_status_is_specific (code)) ||
               (code.cls == field.cls && is_bare (field) && !is_bare (code)))
        r->status_source = DSN_STATUS_SOURCE_DIAGNOSTIC;
    if (code.cls &&
        (r->status_source != DSN_STATUS_SOURCE_FIELD ||
         (!w->code_status.cls && is_weak (field) && !is_weak (code) && code.cls == field.cls))) {
        best = code;
        if (r->status_source == DSN_STATUS_SOURCE_FIELD)
            r->status_source = DSN_STATUS_SOURCE_TEXT;
    }
    if (!w->draft->has_fields && w->code_status.cls)
        r->status_source = DSN_STATUS_SOURCE_TEXT;
    if (!best.cls) {
        r->status_source = DSN_STATUS_SOURCE_NONE;
        return;
    }
    dsn_status_format (best, text);
    r->status = dsn_report_string (report, dsn_bytes_str (text));
    if (field.cls && !dsn_status_equal (field, best)) {
        dsn_status_format (field, text);
        r->status_field = dsn_report_string (report, dsn_bytes_str (text));
    }
}
