/* The record `code`: what a code means. Loading checks every line, but keeps only the verdict and
 * where the record stands; code_text_new() reads the lines again, for people.
 */
#include "core/rules/codetext.h"
#include "core/rules/ruleload.h"

enum code_line {
    LINE_SAYS,
    LINE_WEAK,
    LINE_LISTED,
    LINE_MEANING,
    LINE_CAUSE,
    LINE_REMEDY,
    LINE_READING,
    LINE_FROM,
    LINE_SYSTEM,
    LINE_SEE,
    LINE_SOURCE,
};

/* "5.1.1", "x.1.1", "550", "5xx", or a category. */
static bool
is_code (const char *id)
{
    const char *p = id + 1;

    if (dsn_category_lookup (dsn_bytes_str (id)))
        return true;
    if (!g_ascii_isdigit (id[0]) && id[0] != 'x')
        return false;
    if (*p != '.')
        return id[0] != 'x' && strlen (id) == 3 &&
               (strcmp (p, "xx") == 0 || (g_ascii_isdigit (p[0]) && g_ascii_isdigit (p[1])));
    for (unsigned part = 0; part < 2; part++) {
        size_t n = *p == '.' ? strspn (p + 1, "0123456789") : 0;
        if (n < 1 || n > 3)
            return false;
        p += 1 + n;
    }
    return *p == '\0';
}

static bool
has_line (const struct ruleload *l, enum code_line line)
{
    return l->seen >> line & 1;
}

static void *
begin (struct ruleload *l)
{
    struct code *c = g_new0 (struct code, 1);

    c->id = g_strdup (l->line->words[1].text);
    c->file = l->file;
    c->line = l->line->line;
    c->body.p = l->in->in.p + l->in->at;
    if (!ruleload_place (l, l->set->codes, code_free, c->id, c, NULL))
        return NULL;
    if (!is_code (c->id)) {
        (void)ruleload_fail (l, 1,
                             "'%s' isn't a code: write an enhanced code (5.1.1, x.1.1 for all "
                             "classes), a reply code (550), a class (5xx) or a category",
                             c->id);
        return NULL;
    }
    return c;
}

/* The record's text may go on with the next record's first line. The built-in rules' text stays;
 * that of a file goes. */
static bool
end (struct ruleload *l, void *record)
{
    struct code *c = record;

    if (!has_line (l, LINE_MEANING))
        return ruleload_fail_record (l, "code '%s' has no meaning: add a line `meaning \"TEXT\"`",
                                     c->id);
    c->body.n = (size_t)(l->in->in.p + l->in->at - c->body.p);
    if (l->is_local)
        c->body.p = c->own_body = g_memdup2 (c->body.p, c->body.n);
    return true;
}

/* Word @word is a text for people: not empty. @ret_text: the copy that the code's text keeps, NULL
 * while only loading. */
static bool
take_text (struct ruleload *l, struct code *c, unsigned word, const char **ret_text)
{
    const char *text = l->line->words[word].text;

    if (*text == '\0')
        return ruleload_fail (l, word,
                              "nothing stands between the quotes: fill in a value, or "
                              "remove the line");
    *ret_text = c->text ? g_string_chunk_insert_const (c->text->store, text) : NULL;
    return true;
}

/* Whether word 1 is the class digit that a line may begin with; 0: none. */
static unsigned
only_class (const struct ruleload *l)
{
    const struct rule_word *w = &l->line->words[1];

    return !w->is_quoted && g_ascii_isdigit (w->text[0]) && !w->text[1]
               ? (unsigned)(w->text[0] - '0')
               : 0;
}

static bool
read_says (struct ruleload *l, void *record)
{
    struct code *c = record;

    return ruleload_says (l, 1, &c->category, &c->cls);
}

static bool
read_weak (struct ruleload *l, void *record)
{
    (void)l;
    ((struct code *)record)->is_weak = true;
    return true;
}

static bool
read_listed (struct ruleload *l, void *record)
{
    struct code *c = record;
    struct code_listing listing = { .only_class = only_class (l) };
    unsigned at = listing.only_class ? 2 : 1;

    if (l->line->n != at + 2)
        return ruleload_fail (l, at, "write: listed [N] hard|soft \"SOURCE\"");
    listing.cls = ruleload_class (l, at);
    if (!listing.cls || !take_text (l, c, at + 1, &listing.source))
        return false;
    if (c->text)
        g_array_append_val (c->text->listings, listing);
    return true;
}

/* `CATEGORY CLASS` from word @word on, or `none none`. */
static bool
read_verdict (struct ruleload *l, unsigned word, struct code_reading *reading)
{
    const struct rule_word *w = &l->line->words[word];

    if (strcmp (w[0].text, "none") == 0 && strcmp (w[1].text, "none") == 0) {
        reading->cls = DSN_CLASS_NEITHER;
        return true;
    }
    return ruleload_says (l, word, &reading->category, &reading->cls);
}

static bool
read_reading (struct ruleload *l, void *record)
{
    struct code *c = record;
    struct code_reading r = { .only_class = only_class (l) };
    unsigned at = r.only_class ? 2 : 1;

    if (l->line->n != at + 4)
        return ruleload_fail (l, at, "write: reading [N] \"CONTEXT\" CATEGORY hard|soft \"TEXT\"");
    if (!take_text (l, c, at, &r.context) || !read_verdict (l, at + 1, &r) ||
        !take_text (l, c, at + 3, &r.meaning))
        return false;
    if (c->text)
        g_array_append_val (c->text->readings, r);
    return true;
}

/* The reading that the line belongs to, NULL while only loading or if there's none. */
static struct code_reading *
last_reading (struct code *c)
{
    GArray *readings = c->text ? c->text->readings : NULL;

    return readings && readings->len
               ? &g_array_index (readings, struct code_reading, readings->len - 1)
               : NULL;
}

static bool
read_from (struct ruleload *l, void *record)
{
    const char *text = NULL;

    if (!has_line (l, LINE_READING))
        return ruleload_fail (l, 0,
                              "'from' belongs to a 'reading': put it below one, or write "
                              "'source'");
    if (!take_text (l, record, 1, &text))
        return false;
    if (last_reading (record))
        last_reading (record)->source = text;
    return true;
}

static bool
read_system (struct ruleload *l, void *record)
{
    struct code *c = record;
    const char *text = NULL;

    if (!take_text (l, c, 1, &text))
        return false;
    if (last_reading (c))
        last_reading (c)->system = text;
    else if (c->text)
        c->text->system = text;
    return true;
}

static bool
read_meaning (struct ruleload *l, void *record)
{
    struct code *c = record;
    const char *text = NULL;

    if (!take_text (l, c, 1, &text))
        return false;
    if (c->text)
        c->text->meaning = text;
    return true;
}

static bool
read_list (struct ruleload *l, struct code *c, size_t list_offset)
{
    const char *text = NULL;

    for (unsigned i = 1; i < l->line->n; i++) {
        if (!take_text (l, c, i, &text))
            return false;
        if (c->text)
            g_ptr_array_add (G_STRUCT_MEMBER (GPtrArray *, c->text, list_offset), (void *)text);
    }
    return true;
}

static bool
read_cause (struct ruleload *l, void *record)
{
    return read_list (l, record, offsetof (struct code_text, causes));
}

static bool
read_remedy (struct ruleload *l, void *record)
{
    return read_list (l, record, offsetof (struct code_text, remedies));
}

static bool
read_source (struct ruleload *l, void *record)
{
    return read_list (l, record, offsetof (struct code_text, sources));
}

static bool
read_see (struct ruleload *l, void *record)
{
    for (unsigned i = 1; i < l->line->n; i++)
        if (!is_code (l->line->words[i].text))
            return ruleload_fail (l, i, "'%s' isn't a code: write one such as 5.1.1, x.1.1 or 550",
                                  l->line->words[i].text);
    return read_list (l, record, offsetof (struct code_text, see));
}

static const struct rule_line_type lines[] = {
    [LINE_SAYS] = { "says", "CATEGORY [hard|soft]", 1, 2, true, read_says },
    [LINE_WEAK] = { "weak", "", 0, 0, true, read_weak },
    [LINE_LISTED] = { "listed", "[N] hard|soft \"SOURCE\"", 2, 3, false, read_listed },
    [LINE_MEANING] = { "meaning", "\"TEXT\"", 1, 1, true, read_meaning },
    [LINE_CAUSE] = { "cause", "\"TEXT\"", 1, 1, false, read_cause },
    [LINE_REMEDY] = { "remedy", "\"TEXT\"", 1, 1, false, read_remedy },
    [LINE_READING] = { "reading", "[N] \"CONTEXT\" CATEGORY hard|soft \"TEXT\"", 4, 5, false,
                       read_reading },
    [LINE_FROM] = { "from", "\"SOURCE\"", 1, 1, false, read_from },
    [LINE_SYSTEM] = { "system", "\"NAME\"", 1, 1, false, read_system },
    [LINE_SEE] = { "see", "CODE...", 1, 0, false, read_see },
    [LINE_SOURCE] = { "source", "\"TEXT\"", 1, 1, false, read_source },
};

const struct rule_record_type rule_record_code = {
    "code", "CODE", 1, 1, begin, end, lines, G_N_ELEMENTS (lines),
};

static struct code_text *
text_new (void)
{
    struct code_text *t = g_new0 (struct code_text, 1);

    t->store = g_string_chunk_new (1024);
    t->causes = g_ptr_array_new ();
    t->remedies = g_ptr_array_new ();
    t->sources = g_ptr_array_new ();
    t->see = g_ptr_array_new ();
    t->listings = g_array_new (FALSE, FALSE, sizeof (struct code_listing));
    t->readings = g_array_new (FALSE, FALSE, sizeof (struct code_reading));
    return t;
}

void
code_text_free (struct code_text *t)
{
    if (!t)
        return;
    g_string_chunk_free (t->store);
    g_ptr_array_unref (t->causes);
    g_ptr_array_unref (t->remedies);
    g_ptr_array_unref (t->sources);
    g_ptr_array_unref (t->see);
    g_array_unref (t->listings);
    g_array_unref (t->readings);
    g_free (t);
}

/* The type of the line, -1 if it's the next record's first. */
static int
line_type (const struct rule_line *line)
{
    for (unsigned i = 0; i < G_N_ELEMENTS (lines); i++)
        if (strcmp (line->words[0].text, lines[i].word) == 0)
            return (int)i;
    return -1;
}

struct code_text *
code_text_new (const struct code *code)
{
    struct code copy = *code;
    struct rulefile f;
    struct rule_line line;
    struct dsn_rules_error error = { 0 };
    struct ruleload l = { .file = code->file, .in = &f, .line = &line, .error = &error };
    int type;

    copy.text = text_new ();
    rulefile_init (&f, code->file, code->body);
    while (rulefile_next (&f, &line, &error) == RULEFILE_LINE && (type = line_type (&line)) >= 0) {
        l.seen |= UINT64_C (1) << type;
        bool is_good = lines[type].read (&l, &copy); /* checked when the set was loaded */
        g_assert (is_good);
    }
    dsn_rules_error_clear (&error);
    rulefile_clear (&f);
    return copy.text;
}
