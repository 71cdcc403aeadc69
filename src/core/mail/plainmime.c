/* One walk over the bytes: header, then body up to the next boundary line, parts inside parts.
 */
#include "core/mail/plainmime.h"

#include "core/mail/contenttype.h"
#include "core/mail/mailtree.h"
#include "core/bytes/text.h"

/* Multiparts within each other; more isn't plain. */
#define MAX_OPEN  8
#define MAX_DEPTH 12

struct plain {
    struct dsn_bytes all;
    const struct dsn_limits *limits;
    struct dsn_bytes open[MAX_OPEN]; /* boundaries, the innermost last */
    unsigned n_open;
    size_t parts_count;
    unsigned depth; /* of bodies within each other */
};

/* Where a body ends. */
struct stop {
    size_t content_end; /* before the line end that belongs to the boundary */
    size_t next;        /* behind the boundary line */
    bool is_end;        /* of the mail: there's no boundary line */
    bool is_close;
};

/* What the fields of a part's own header say. */
struct entity {
    struct contenttype type, disposition;
    bool has_type;
    enum part_encoding encoding;
};

enum line_sort { LINE_OTHER, LINE_BOUNDARY, LINE_CLOSE, LINE_ODD };

/* Whether the line @line, which starts with "--", is the innermost boundary. What is nearly one,
 * or one of an outer multipart, is odd. */
static enum line_sort
sort_line (const struct plain *p, struct dsn_bytes line)
{
    enum line_sort sort = LINE_OTHER;

    for (unsigned i = 0; i < p->n_open; i++) {
        struct dsn_bytes b = p->open[i], rest;

        if (line.n < b.n + 2 || memcmp (line.p + 2, b.p, b.n) != 0)
            continue;
        rest = dsn_bytes_sub (line, b.n + 2, line.n);
        if (sort != LINE_OTHER || i + 1 < p->n_open)
            return LINE_ODD;
        if (rest.n == 0)
            sort = LINE_BOUNDARY;
        else if (rest.n == 2 && memcmp (rest.p, "--", 2) == 0)
            sort = LINE_CLOSE;
        else
            return LINE_ODD;
    }
    return sort;
}

static struct dsn_bytes
line_at (const struct plain *p, size_t at, size_t *ret_next)
{
    struct dsn_bytes rest = dsn_bytes_sub (p->all, at, p->all.n), line = { 0 };

    (void)text_next_line (&rest, &line);
    *ret_next = p->all.n - rest.n;
    return line;
}

/* The line end before a boundary belongs to it. Where one is CRLF and the other LF, GMime's view
 * depends on more than that. */
static bool
strip_line_end (const struct plain *p, size_t from, size_t at, size_t next, size_t *ret_end)
{
    const char *base = p->all.p;
    bool is_crlf = next - at >= 2 && base[next - 1] == '\n' && base[next - 2] == '\r';

    *ret_end = at;
    if (at == from)
        return true;
    *ret_end = at - 1;
    if ((at - from >= 2 && base[at - 2] == '\r') != is_crlf)
        return false;
    *ret_end -= is_crlf;
    return true;
}

/* Finds the end of the body that starts at @from, the start of a line. False: not plain. */
static bool
find_stop (const struct plain *p, size_t from, struct stop *ret)
{
    const char *base = p->all.p, *hit;
    size_t at = from;

    *ret = (struct stop){ p->all.n, p->all.n, true, false };
    while (p->n_open && at < p->all.n) {
        if (p->all.n - at >= 2 && base[at] == '-' && base[at + 1] == '-') {
            enum line_sort sort = sort_line (p, line_at (p, at, &ret->next));
            if (sort == LINE_ODD)
                return false;
            if (sort != LINE_OTHER) {
                ret->is_end = false;
                ret->is_close = sort == LINE_CLOSE;
                return strip_line_end (p, from, at, ret->next, &ret->content_end);
            }
        }
        hit = memmem (base + at, p->all.n - at, "\n--", 3);
        at = hit ? (size_t)(hit - base) + 1 : p->all.n;
    }
    ret->next = p->all.n;
    return true;
}

/* Reads a block of proper fields that an empty line ends. */
static bool
read_header (const struct plain *p, size_t at, GArray *fields, size_t *ret_body)
{
    struct dsn_bytes line, name;
    size_t start = at, next;
    bool is_first = true;

    for (; at < p->all.n; at = next, is_first = false) {
        line = line_at (p, at, &next);
        if (!line.n) {
            /* the empty line must be one: its line end is there */
            *ret_body = next;
            return next > at && header_read (dsn_bytes_sub (p->all, start, next),
                                             p->limits->headers_count, fields) == next - start;
        }
        if (memchr (line.p, '\0', line.n) || text_has_prefix (line, "--") ||
            text_has_prefix (line, "From ") || memchr (line.p, '\r', line.n))
            return false;
        if (line.p[0] == ' ' || line.p[0] == '\t') {
            if (is_first || !text_trim (line).n)
                return false;
        } else if (!header_is_field (line, &name) || line.p[name.n] != ':')
            return false;
    }
    return false;
}

static bool
read_encoding (struct dsn_bytes value, enum part_encoding *ret)
{
    static const struct {
        const char *name;
        enum part_encoding encoding;
    } encodings[] = {
        { "7bit", ENCODING_IDENTITY },   { "8bit", ENCODING_IDENTITY },
        { "binary", ENCODING_IDENTITY }, { "quoted-printable", ENCODING_QP },
        { "base64", ENCODING_BASE64 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS (encodings); i++)
        if (text_equal (value, encodings[i].name)) {
            *ret = encodings[i].encoding;
            return true;
        }
    return false;
}

/* The Content fields of a header; each may stand there once. */
static bool
read_entity (const GArray *fields, struct entity *e)
{
    bool has_encoding = false, has_disposition = false;

    *e = (struct entity){ 0 };
    for (guint i = 0; i < fields->len; i++) {
        const struct header_field *f = &g_array_index (fields, struct header_field, i);

        if (!text_has_prefix (f->name, "content-"))
            continue;
        if (text_equal (f->name, "content-type")) {
            if (e->has_type || !contenttype_read (f->value, &e->type) ||
                !memchr (e->type.type.p, '/', e->type.type.n))
                return false;
            e->has_type = true;
        } else if (text_equal (f->name, "content-disposition")) {
            if (has_disposition || !contenttype_read (f->value, &e->disposition))
                return false;
            has_disposition = true;
        } else if (text_equal (f->name, "content-transfer-encoding")) {
            if (has_encoding || !read_encoding (f->value, &e->encoding))
                return false;
            has_encoding = true;
        }
    }
    return true;
}

static char *
lower (struct dsn_bytes text)
{
    return text.p ? g_ascii_strdown (text.p, (gssize)text.n) : NULL;
}

static char *
copy (struct dsn_bytes text)
{
    return text.p ? g_strndup (text.p, text.n) : NULL;
}

/* (transfer full) */
static char *
type_of (const struct entity *e)
{
    return e->has_type ? lower (e->type.type) : g_strdup ("text/plain");
}

static bool read_body (struct plain *p, const struct entity *e, size_t at,
                       struct mail_message *into, struct stop *ret);

/* A part of a multipart, or the mail inside a message part: header and body. */
static bool
read_part (struct plain *p, size_t at, struct mail_message *into, struct stop *ret)
{
    g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));
    struct entity e;

    /* a returned message without the header of a part: GMime and mime.c sort that out */
    return read_header (p, at, fields, &at) && !header_has (fields, "received") &&
           !header_has (fields, "message-id") && read_entity (fields, &e) &&
           read_body (p, &e, at, into, ret);
}

static bool
read_multipart (struct plain *p, const struct entity *e, size_t at, struct mail_message *into,
                struct stop *ret)
{
    struct stop stop;

    if (!e->type.boundary.n || p->n_open == MAX_OPEN || e->encoding != ENCODING_IDENTITY)
        return false;
    p->open[p->n_open++] = e->type.boundary;
    if (!find_stop (p, at, &stop) || stop.is_end || stop.is_close)
        return false;
    do {
        if (!read_part (p, stop.next, into, &stop))
            return false;
    } while (!stop.is_end && !stop.is_close);
    p->n_open--;
    if (stop.is_end) {
        *ret = stop;
        return true;
    }
    return find_stop (p, stop.next, ret);
}

/* GMime's order: what describes the body comes after the message's own fields. */
static void
take_fields (const GArray *fields, GArray *to)
{
    for (unsigned pass = 0; pass < 2; pass++)
        for (guint i = 0; i < fields->len; i++) {
            const struct header_field *f = &g_array_index (fields, struct header_field, i);
            if (text_has_prefix (f->name, "content-") == (pass == 1))
                g_array_append_vals (to, f, 1);
        }
}

static bool
read_inner_message (struct plain *p, size_t at, struct mail_part *part, struct stop *ret)
{
    g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));
    struct entity e;

    if (!read_header (p, at, fields, &at) || fields->len >= p->limits->headers_count ||
        !read_entity (fields, &e))
        return false;
    part->message = mailtree_message_new ();
    take_fields (fields, part->message->fields);
    return read_body (p, &e, at, part->message, ret);
}

static bool
is_message_type (const char *type)
{
    return strcmp (type, "message/rfc822") == 0 || strcmp (type, "message/rfc2822") == 0 ||
           strcmp (type, "message/global") == 0 || strcmp (type, "message/news") == 0;
}

static bool
read_leaf (struct plain *p, const struct entity *e, size_t at, struct mail_message *into,
           struct stop *ret)
{
    struct mail_part *part = mailtree_add_part (into, type_of (e));
    struct dsn_bytes name = e->disposition.filename.p ? e->disposition.filename : e->type.name;

    part->charset = copy (e->type.charset);
    part->file_name = copy (name);
    part->is_attachment = e->disposition.type.n == strlen ("attachment") &&
                          memcmp (e->disposition.type.p, "attachment", e->disposition.type.n) == 0;
    if (is_message_type (part->type))
        return e->encoding == ENCODING_IDENTITY && read_inner_message (p, at, part, ret);
    /* parts that GMime treats in a way of their own */
    if (strcmp (part->type, "message/partial") == 0 || !find_stop (p, at, ret))
        return false;
    part->encoding = e->encoding;
    part->body = dsn_bytes_sub (p->all, at, ret->content_end);
    return true;
}

/* What follows a header: @at is behind its empty line. */
static bool
read_body (struct plain *p, const struct entity *e, size_t at, struct mail_message *into,
           struct stop *ret)
{
    g_autofree char *type = type_of (e);
    bool is_read;

    if (!into->type) {
        into->type = g_strdup (type);
        into->report_type = lower (e->type.report_type);
    }
    if (p->depth > MIN (p->limits->mime_depth, MAX_DEPTH) ||
        ++p->parts_count > p->limits->parts_count)
        return false;
    /* in a digest the default type is another */
    if (strcmp (type, "multipart/digest") == 0)
        return false;
    p->depth++;
    is_read = g_str_has_prefix (type, "multipart/") ? read_multipart (p, e, at, into, ret)
                                                    : read_leaf (p, e, at, into, ret);
    p->depth--;
    return is_read;
}

bool
plainmime_read (struct dsn_bytes mail, size_t header_n, const struct dsn_limits *limits,
                struct mail_message *message)
{
    struct plain p = { .all = mail, .limits = limits };
    g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));
    struct entity e;
    struct stop stop;
    size_t at = 0;

    if (read_header (&p, 0, fields, &at) && at == header_n && fields->len &&
        read_entity (fields, &e) && read_body (&p, &e, at, message, &stop))
        return true;
    g_ptr_array_set_size (message->parts, 0);
    g_clear_pointer (&message->type, g_free);
    g_clear_pointer (&message->report_type, g_free);
    return false;
}
