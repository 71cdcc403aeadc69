/* Writes the set that the loader makes of the built-in rules as C constants, on standard output, so
 * that a program has it without loading anything: docs/architecture.md, "Rules are data". Run by
 * the build, on the machine that builds; nothing in it depends on that machine.
 */
#include "core/phrase/tables.h"
#include "core/phrase/wording.h"
#include "core/rules/builtin.h"
#include "core/rules/ruleload.h"

#include <stdio.h>
#include <stdlib.h>

/* What's being made: there's none yet. */
const struct builtin_set builtin_set;

/* Writes an item of a list, and a comma behind it. */
typedef void put_item (const void *item);

static void
put_string (const char *text)
{
    if (!text) {
        printf ("NULL, ");
        return;
    }
    putchar ('"');
    for (const char *p = text; *p; p++)
        if (g_ascii_isprint (*p) && *p != '"' && *p != '\\' && *p != '?')
            putchar (*p);
        else
            printf ("\\%03o", (unsigned)(unsigned char)*p);
    printf ("\", ");
}

/* A string of a struct whose member isn't const. */
static void
put_text (const char *member, const char *text)
{
    if (!text)
        return;
    printf (".%s = (char *)", member);
    put_string (text);
}

static void
put_number (const char *member, long number)
{
    if (number)
        printf (".%s = %ld, ", member, number);
}

static void
put_array (const char *type, const GArray *array, size_t size, put_item *put)
{
    if (!array->len) {
        printf ("(GArray *)&no_items, ");
        return;
    }
    printf ("(GArray *)&(const GArray){ (gchar *)(const %s[]){ ", type);
    for (guint i = 0; i < array->len; i++)
        put (array->data + i * size);
    printf ("}, %u }, ", array->len);
}

#define PUT_ARRAY(record, member, type, put)                                                       \
    (printf ("." #member " = "), put_array (#type, (record)->member, sizeof (type), put))

static void
put_pointers (const GPtrArray *array, put_item *put)
{
    if (!array->len) {
        printf ("(GPtrArray *)&no_pointers, ");
        return;
    }
    printf ("(GPtrArray *)&(const GPtrArray){ (gpointer *)(const gconstpointer[]){ ");
    for (guint i = 0; i < array->len; i++)
        put (array->pdata[i]);
    printf ("}, %u }, ", array->len);
}

#define PUT_POINTERS(record, member, put)                                                          \
    (printf ("." #member " = "), put_pointers ((record)->member, put))

static void
put_string_item (const void *item)
{
    put_string (item);
}

static void
put_unsigned (const void *item)
{
    printf ("%u, ", *(const unsigned *)item);
}

static void
put_phrase (const void *item)
{
    const struct rule_phrase *p = item;

    printf ("{ %u, %u }, ", p->id, p->n_bytes);
}

static void
put_sequence (const void *item)
{
    const struct rule_sequence *s = item;

    printf ("{ (struct rule_phrase *)(const struct rule_phrase[]){ ");
    for (unsigned i = 0; i < s->n; i++)
        put_phrase (&s->phrases[i]);
    printf ("}, %u, %u }, ", s->n, s->n_bytes);
}

static void
put_status_range (const void *item)
{
    const struct rule_status_range *s = item;

    printf ("{ %u, %d, %d, %d }, ", s->cls, s->subject, s->detail_first, s->detail_last);
}

static void
put_reply_range (const void *item)
{
    const struct rule_reply_range *r = item;

    printf ("{ %u, %u }, ", r->first, r->last);
}

static void
put_rule (const void *item)
{
    const struct rule *r = item;

    printf ("&(const struct rule){ ");
    put_text ("id", r->id);
    printf (".file = ");
    put_string (r->file);
    put_number ("line", r->line);
    put_number ("order", r->order);
    put_number ("is_off", r->is_off);
    put_number ("is_raw", r->is_raw);
    put_number ("is_bare", r->is_bare);
    put_number ("scope", r->scope);
    PUT_ARRAY (r, texts, struct rule_sequence, put_sequence);
    PUT_ARRAY (r, nots, struct rule_phrase, put_phrase);
    PUT_ARRAY (r, providers, unsigned, put_unsigned);
    PUT_ARRAY (r, formats, unsigned, put_unsigned);
    PUT_ARRAY (r, statuses, struct rule_status_range, put_status_range);
    PUT_ARRAY (r, replies, struct rule_reply_range, put_reply_range);
    put_number ("stages", r->stages);
    put_number ("category", r->category);
    put_number ("cls", r->cls);
    put_number ("advice", r->advice);
    put_number ("weight", r->weight);
    PUT_POINTERS (r, proofs, put_string_item);
    printf ("},\n");
}

static void
put_help (const struct help *help)
{
    printf (".help = { { ");
    for (unsigned i = 0; i < _HELP_N; i++) {
        printf ("(char *)");
        put_string (help->lines[i]);
    }
    printf ("} }, ");
}

static void
put_provider (const void *item)
{
    const struct provider *p = item;

    printf ("&(const struct provider){ ");
    put_text ("id", p->id);
    put_text ("name", p->name);
    PUT_POINTERS (p, hosts, put_string_item);
    PUT_ARRAY (p, seen, struct rule_phrase, put_phrase);
    PUT_POINTERS (p, domains, put_string_item);
    put_help (&p->help);
    printf ("},\n");
}

static void
put_cond (const void *item)
{
    const struct format_cond *c = item;

    printf ("{ ");
    put_number ("type", c->type);
    put_text ("header", c->header);
    put_text ("text", c->text);
    put_number ("open_start", c->open_start);
    put_number ("open_end", c->open_end);
    printf (".phrase = ");
    put_phrase (&c->phrase);
    printf ("}, ");
}

static void
put_when (const void *item)
{
    put_array ("struct format_cond", *(GArray *const *)item, sizeof (struct format_cond), put_cond);
}

static void
put_pattern_piece (const void *item)
{
    const struct pattern_piece *p = item;

    printf ("{ (char *)");
    put_string (p->literal);
    printf ("%d }, ", (int)p->hole);
}

static void
put_pattern (const void *item)
{
    put_array ("struct pattern_piece", item, sizeof (struct pattern_piece), put_pattern_piece);
}

static void
put_stage (const void *item)
{
    const struct format_stage *s = item;

    printf ("{ ");
    put_phrase (&s->phrase);
    printf ("%d }, ", (int)s->stage);
}

static void
put_format (const void *item)
{
    const struct format *f = item;

    printf ("&(const struct format){ ");
    put_text ("id", f->id);
    put_text ("name", f->name);
    printf (".file = ");
    put_string (f->file);
    put_number ("line", f->line);
    PUT_ARRAY (f, whens, GArray *const, put_when);
    PUT_ARRAY (f, delayed, struct rule_phrase, put_phrase);
    PUT_ARRAY (f, delivered, struct rule_phrase, put_phrase);
    PUT_ARRAY (f, failed, struct rule_phrase, put_phrase);
    PUT_ARRAY (f, start, struct rule_phrase, put_phrase);
    PUT_ARRAY (f, end, struct rule_phrase, put_phrase);
    PUT_ARRAY (f, skip, struct rule_phrase, put_phrase);
    PUT_POINTERS (f, recipients, put_pattern);
    PUT_POINTERS (f, aliases, put_pattern);
    PUT_POINTERS (f, replies, put_pattern);
    PUT_ARRAY (f, stages, struct format_stage, put_stage);
    put_number ("block", f->block);
    put_number ("is_off", f->is_off);
    PUT_POINTERS (f, proofs, put_string_item);
    printf ("},\n");
}

static void
put_blocklist (const void *item)
{
    const struct blocklist *b = item;

    printf ("&(const struct blocklist){ ");
    put_text ("zone", b->zone);
    put_text ("name", b->name);
    PUT_ARRAY (b, seen, struct rule_phrase, put_phrase);
    put_help (&b->help);
    printf ("},\n");
}

static void
put_sent_code (const void *item)
{
    const struct sent_code *c = item;

    printf ("&(const struct sent_code){ ");
    put_number ("kind", c->kind);
    put_text ("text", c->text);
    put_text ("reply", c->reply);
    put_number ("category", c->category);
    put_number ("cls", c->cls);
    put_text ("meaning", c->meaning);
    put_text ("remedy", c->remedy);
    put_text ("rule", c->rule);
    put_number ("line", c->line);
    put_number ("is_raw", c->is_raw);
    printf (".mark = ");
    put_phrase (&c->mark);
    printf ("},\n");
}

static void
put_sender (const void *item)
{
    const struct sender *s = item;

    printf ("&(const struct sender){ ");
    put_text ("id", s->id);
    put_text ("name", s->name);
    put_help (&s->help);
    put_number ("provider", s->provider);
    printf (".file = ");
    put_string (s->file);
    put_number ("line", s->line);
    PUT_POINTERS (s, codes, put_sent_code);
    PUT_POINTERS (s, sources, put_string_item);
    printf ("},\n");
}

/* Where the record's lines stand in the text that tools/gen-builtin.py compiles in. */
static void
put_body (struct dsn_bytes body)
{
    const char *text = (const char *)builtin_files[0].text;
    unsigned i = 0;

    while (body.p < text || body.p > text + builtin_files[i].n)
        text = (const char *)builtin_files[++i].text;
    printf (".body = { (const char *)builtin_text_%u + %zu, %zu }, ", i, (size_t)(body.p - text),
            body.n);
}

static void
put_code (const void *item)
{
    const struct code *c = item;

    printf ("&(const struct code){ ");
    put_text ("id", c->id);
    put_number ("category", c->category);
    put_number ("cls", c->cls);
    put_number ("is_weak", c->is_weak);
    printf (".file = ");
    put_string (c->file);
    put_number ("line", c->line);
    put_body (c->body);
    printf ("},\n");
}

static void
put_policy (const void *item)
{
    const struct policy *p = item;

    printf ("&(const struct policy){ %u, %d, %d },\n", p->category, (int)p->cls, (int)p->advice);
}

static void
put_mark_field (const void *item)
{
    const struct mark_field *f = item;

    printf ("{ ");
    put_number ("mark", f->mark);
    put_text ("name", f->name);
    put_text ("value", f->value);
    printf ("}, ");
}

static void
put_mark_word (const void *item)
{
    const struct mark_word *w = item;

    printf ("{ %d, (char *)", (int)w->mark);
    put_string (w->text);
    printf ("}, ");
}

static void
put_numbers (const char *type, const char *name, const uint64_t *numbers, size_t n)
{
    printf ("static const %s %s[] = { ", type, name);
    for (size_t i = 0; i < n; i++)
        printf ("0x%" G_GINT64_MODIFIER "x,%c", numbers[i], i % 8 == 7 ? '\n' : ' ');
    printf ("};\n");
}

static size_t
map_length (const struct window_map *map)
{
    return (size_t)1 << (64 - map->shift);
}

static void
put_book (const struct phrasebook *book)
{
    printf ("static const guint8 arena[] = { ");
    for (guint i = 0; i < book->arena->len; i++)
        printf ("%u,%c", book->arena->data[i], i % 32 == 31 ? '\n' : ' ');
    printf ("};\nstatic const struct phrase phrases[] = {\n");
    for (guint i = 0; i < book->phrases->len; i++) {
        const struct phrase *p = phrasebook_get (book, i);
        printf ("{ %u, %u, %d, %d },\n", p->at, p->n, p->open_start, p->open_end);
    }
    printf ("};\n");
}

static void
put_table (unsigned w, const struct match_table *t)
{
    g_autofree char *map = g_strdup_printf ("map_%u", w);

    printf ("static const struct match_slot slots_%u[%u] = {\n", w, t->mask + 1);
    for (uint32_t i = 0; i <= t->mask; i++)
        if (t->slots[i].n)
            printf ("[%u] = { 0x%" G_GINT64_MODIFIER "x, %u, %u },\n", i, t->slots[i].key,
                    t->slots[i].first, t->slots[i].n);
    printf ("};\nstatic const struct match_entry entries_%u[] = {\n", w);
    for (uint32_t i = 0; i < t->n_entries; i++) {
        const struct match_entry *e = &t->entries[i];
        printf ("{ %u, %u, %u, %u },\n", e->phrase, e->offset, e->check, e->check_at);
    }
    printf ("};\n");
    put_numbers ("uint64_t", map, t->map.words, map_length (&t->map));
}

static void
put_matcher (const struct matcher *m)
{
    put_book (&m->book);
    for (unsigned w = 0; w < MATCH_WIDTHS; w++)
        put_table (w, &m->tables[w]);
    put_numbers ("uint64_t", "gate", m->gate.words, map_length (&m->gate));
    printf ("static const struct matcher matcher = {\n"
            ".book = { (GByteArray *)&(const GByteArray){ (guint8 *)arena, sizeof arena },\n"
            "(GArray *)&(const GArray){ (gchar *)phrases, %u }, NULL, 0 },\n.tables = {\n",
            m->book.phrases->len);
    for (unsigned w = 0; w < MATCH_WIDTHS; w++) {
        const struct match_table *t = &m->tables[w];
        printf ("{ NULL, (struct match_slot *)slots_%u, (struct match_entry *)entries_%u, %u, %u, "
                "{ (uint64_t *)map_%u, %u } },\n",
                w, w, t->mask, t->n_entries, w, t->map.shift);
    }
    printf ("},\n.gate = { (uint64_t *)gate, %u },\n.pairs = {\n", m->gate.shift);
    for (unsigned i = 0; i < G_N_ELEMENTS (m->pairs); i++)
        if (m->pairs[i])
            printf ("[%u] = 0x%" G_GINT64_MODIFIER "x,\n", i, m->pairs[i]);
    printf ("},\n.is_finished = true,\n};\n");
}

static void
put_wording_piece (const void *item)
{
    const struct wording_piece *p = item;

    printf ("{ ");
    PUT_POINTERS (p, literals, put_string_item);
    printf (".hole = %d, .head_bytes = %u, .heads = { ", (int)p->hole, p->head_bytes);
    for (unsigned i = 0; i < G_N_ELEMENTS (p->heads); i++)
        printf ("0x%" G_GINT64_MODIFIER "x, ", p->heads[i]);
    printf ("} }, ");
}

static void
put_pieces (const void *item)
{
    put_array ("struct wording_piece", item, sizeof (struct wording_piece), put_wording_piece);
}

static void
put_beginning (const struct beginning *b)
{
    printf ("{ %u, %u, %u, %d },\n", b->literal, b->phrase, b->written, b->open_end);
}

static void
put_wordings (const struct wordings *w)
{
    put_matcher (w->matcher);
    printf ("static const struct beginning beginnings[] = {\n");
    for (guint i = 0; i < w->beginnings->len; i++)
        put_beginning (&g_array_index (w->beginnings, struct beginning, i));
    printf ("};\nstatic const uint32_t first[] = { ");
    for (unsigned i = 0; i <= matcher_count (w->matcher); i++)
        printf ("%u,%c", w->first[i], i % 16 == 15 ? '\n' : ' ');
    printf ("};\nstatic const struct wordings wordings = {\n"
            ".matcher = (struct matcher *)&matcher,\n"
            ".beginnings = (GArray *)&(const GArray){ (gchar *)beginnings, %u },\n"
            ".first = (uint32_t *)first,\n.count = %u,\n",
            w->beginnings->len, w->count);
    PUT_POINTERS (w, written, put_pieces);
    printf ("};\n");
}

static void
put_when_index (const void *item)
{
    const struct format_when *w = item;

    printf ("{ %u, %u }, ", w->format, w->when);
}

static void
put_hosts (const char *name, const struct host_table *t)
{
    printf (".%s = { (struct host_pattern *)(const struct host_pattern[%u]){\n", name, t->n);
    for (unsigned i = 0; i < t->n; i++)
        if (t->places[i].name) {
            printf ("[%u] = { ", i);
            put_string (t->places[i].name);
            printf ("%u },\n", t->places[i].provider);
        }
    printf ("}, %u },\n", t->n);
}

static void
put_index (const struct rule_index *index)
{
    printf ("static const struct phrase_use all_uses[] = {\n");
    for (guint i = 0; i < index->all_uses->len; i++) {
        const struct phrase_use *u = &g_array_index (index->all_uses, struct phrase_use, i);
        printf ("{ %d, %u, %u },\n", (int)u->role, u->index, u->part);
    }
    printf ("};\nstatic const struct phrase_uses uses[] = {\n");
    for (guint i = 0; i < index->uses->len; i++) {
        const struct phrase_uses *u = &g_array_index (index->uses, struct phrase_uses, i);
        printf ("{ %u, %u, %uu },\n", u->first, u->n, u->lists);
    }
    printf ("};\nstatic const struct rule_index rule_index = {\n"
            ".all_uses = (GArray *)&(const GArray){ (gchar *)all_uses, %u },\n"
            ".uses = (GArray *)&(const GArray){ (gchar *)uses, %u },\n",
            index->all_uses->len, index->uses->len);
    PUT_ARRAY (index, codes_only, unsigned, put_unsigned);
    PUT_ARRAY (index, keyless, struct format_when, put_when_index);
    put_hosts ("hosts", &index->hosts);
    put_hosts ("domains", &index->domains);
    printf ("};\n");
}

static gint
compare_strings (gconstpointer a, gconstpointer b)
{
    return strcmp (a, b);
}

/* The codes have been sorted since by_id was made. */
static unsigned
place_of (const struct dsn_rules *rules, const char *key)
{
    for (guint i = 0; i < rules->codes->len && g_str_has_prefix (key, "code "); i++)
        if (strcmp (((const struct code *)rules->codes->pdata[i])->id, key + strlen ("code ")) == 0)
            return i;
    return GPOINTER_TO_UINT (g_hash_table_lookup (rules->by_id, key)) - 1;
}

static void
put_keys (const struct dsn_rules *rules)
{
    g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (rules->by_id), compare_strings);

    printf (".keys = (GArray *)&(const GArray){ (gchar *)(const struct rule_key[]){\n");
    for (const GList *key = keys; key; key = key->next) {
        printf ("{ (char *)");
        put_string (key->data);
        printf ("%u },\n", place_of (rules, key->data));
    }
    printf ("}, %u },\n", g_list_length (keys));
}

static void
put_set (const struct dsn_rules *rules)
{
    printf ("const struct builtin_set builtin_set = {\n.set = {\n");
    PUT_POINTERS (rules, rules, put_rule);
    PUT_POINTERS (rules, providers, put_provider);
    PUT_POINTERS (rules, formats, put_format);
    PUT_POINTERS (rules, blocklists, put_blocklist);
    PUT_POINTERS (rules, senders, put_sender);
    PUT_POINTERS (rules, codes, put_code);
    PUT_POINTERS (rules, policies, put_policy);
    printf (".phrases = {\n");
    for (unsigned i = 0; i < _PHRASES_N; i++)
        put_array ("struct rule_phrase", rules->phrases[i], sizeof (struct rule_phrase),
                   put_phrase);
    printf ("},\n.marks = {\n");
    PUT_ARRAY (&rules->marks, fields, struct mark_field, put_mark_field);
    PUT_ARRAY (&rules->marks, prefixes, struct mark_word, put_mark_word);
    PUT_ARRAY (&rules->marks, labels, struct mark_word, put_mark_word);
    PUT_ARRAY (&rules->marks, words, struct mark_word, put_mark_word);
    printf ("},\n.wordings = (struct wordings *)&wordings,\n.index = &rule_index,\n"
            ".has_words = %d,\n.is_finished = true,\n},\n",
            rules->has_words);
    put_keys (rules);
    printf ("};\n");
}

int
main (void)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error error = { 0 };

    if (!ruleload_builtin_texts (rules, &error) || !dsn_rules_finish (rules, &error)) {
        (void)fprintf (stderr, "%s:%u:%u: %s\n", error.file, error.line, error.column,
                       error.message);
        return EXIT_FAILURE;
    }
    printf ("/* Made by tools/compile-rules.c. */\n"
            "#include \"core/phrase/tables.h\"\n"
            "#include \"core/phrase/wording.h\"\n"
            "#include \"core/rules/builtin.h\"\n"
            "static const GArray no_items;\nstatic const GPtrArray no_pointers;\n");
    for (unsigned i = 0; builtin_files[i].name; i++)
        printf ("extern const unsigned char builtin_text_%u[];\n", i);
    put_wordings (rules->wordings);
    put_index (rules->index);
    put_set (rules);
    dsn_rules_free (rules);
    return fflush (stdout) == 0 && !ferror (stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
