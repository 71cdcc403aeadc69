/* Providers and block lists.
 */
#include "core/rules/hosts.h"

#include "core/bytes/address.h"
#include "core/bytes/text.h"

/* Longest host name (RFC 1035 s.2.3.4). */
#define MAX_NAME 255

/* Hashes a name from its end on, so that those of all its suffixes come on the way. */
#define HASH_START UINT32_C (2166136261)
static inline uint32_t
hash_before (char c, uint32_t hash)
{
    return (hash ^ (unsigned char)c) * UINT32_C (16777619);
}

/* The place of the pattern @name of this hash, or the free one where it isn't. */
static struct host_pattern *
find_place (const struct host_table *t, struct dsn_bytes name, uint32_t hash)
{
    unsigned at = (hash ^ hash >> 15) & (t->n - 1);

    while (t->places[at].name && (strncmp (t->places[at].name, name.p, name.n) != 0 ||
                                  t->places[at].name[name.n] != '\0'))
        at = (at + 1) & (t->n - 1);
    return &t->places[at];
}

/* Of a pattern in two providers the first counts. */
static void
index_patterns (struct host_table *t, const GPtrArray *patterns, unsigned provider)
{
    for (guint i = 0; i < patterns->len; i++) {
        struct dsn_bytes name = dsn_bytes_str (patterns->pdata[i]);
        uint32_t hash = HASH_START;
        struct host_pattern *place;

        for (size_t k = name.n; k-- > 0;)
            hash = hash_before (name.p[k], hash);
        place = find_place (t, name, hash);
        if (!place->name)
            *place = (struct host_pattern){ name.p, provider + 1 };
    }
}

static void
table_init (struct host_table *t, size_t n_patterns)
{
    t->n = 16;
    while (t->n < n_patterns * 2)
        t->n *= 2;
    t->places = g_new0 (struct host_pattern, t->n);
}

void
hosts_index (struct rule_index *index, const struct dsn_rules *rules)
{
    size_t n_hosts = 0, n_domains = 0;

    for (guint i = 0; i < rules->providers->len; i++) {
        const struct provider *p = rules->providers->pdata[i];
        n_hosts += p->hosts->len;
        n_domains += p->domains->len;
    }
    table_init (&index->hosts, n_hosts);
    table_init (&index->domains, n_domains);
    for (guint i = 0; i < rules->providers->len; i++) {
        const struct provider *p = rules->providers->pdata[i];
        index_patterns (&index->hosts, p->hosts, i);
        index_patterns (&index->domains, p->domains, i);
    }
}

static bool
add (struct hosts *h, unsigned provider)
{
    if (!hosts_have (h, provider) && h->n < HOSTS_MAX)
        h->providers[h->n++] = provider;
    return true;
}

bool
hosts_have (const struct hosts *h, unsigned provider)
{
    for (unsigned i = 0; i < h->n; i++)
        if (h->providers[i] == provider)
            return true;
    return false;
}

/* The first provider with a pattern that fits: the name itself, or ".SUFFIX" of it, which the whole
 * name has too. Index + 1, 0: none. */
static unsigned
find_provider (const struct host_table *table, struct dsn_bytes name)
{
    char dotted[MAX_NAME + 1] = ".";
    uint32_t hash = HASH_START;
    unsigned best = 0;

    for (size_t i = 0; i < name.n; i++)
        dotted[i + 1] = g_ascii_tolower (name.p[i]);
    for (size_t i = name.n + 1; i-- > 0;) {
        unsigned found;

        hash = hash_before (dotted[i], hash);
        if (i != 1 && dotted[i] != '.')
            continue;
        found =
            find_place (table, (struct dsn_bytes){ dotted + i, name.n + 1 - i }, hash)->provider;
        if (found && (!best || found < best))
            best = found;
    }
    return best;
}

static bool
add_fitting (struct hosts *h, const struct host_table *table, struct dsn_bytes name)
{
    unsigned found;

    while (name.n && name.p[name.n - 1] == '.')
        name.n--;
    if (!name.n || name.n > MAX_NAME || memchr (name.p, '\0', name.n))
        return false;
    found = find_provider (table, name);
    return found && add (h, found - 1);
}

bool
hosts_add_host (struct hosts *h, const struct dsn_rules *rules, struct dsn_bytes host)
{
    return add_fitting (h, &rules->index->hosts, host);
}

bool
hosts_add_domain (struct hosts *h, const struct dsn_rules *rules, struct dsn_bytes address)
{
    return add_fitting (h, &rules->index->domains, address_domain (address));
}

/* A walk over the uses of the phrases that stand within a range. */
struct use_walk {
    guint hit;
    unsigned use;
};

/* The next use, with the phrase that has it; NULL: no more. */
static const struct phrase_use *
next_use (const struct rule_hits *hits, struct text_range range, struct use_walk *walk,
          unsigned *ret_phrase)
{
    for (; walk->hit < hits->in_text->len; walk->hit++, walk->use = 0) {
        const struct match_hit *hit = &g_array_index (hits->in_text, struct match_hit, walk->hit);
        const struct phrase_uses *uses = ruleset_uses (hits->rules, hit->phrase);

        if (hit->start < range.start || hit->end > range.end || walk->use >= uses->n)
            continue;
        *ret_phrase = hit->phrase;
        return ruleset_use (hits->rules, uses, walk->use++);
    }
    return NULL;
}

void
hosts_add_seen (struct hosts *h, const struct rule_hits *hits, struct text_range range)
{
    struct use_walk walk = { 0 };
    const struct phrase_use *use;
    struct rule_hit word;
    unsigned phrase;

    while ((use = next_use (hits, range, &walk, &phrase)))
        if (use->role == ROLE_PROVIDER ||
            (use->role == ROLE_PROVIDER_WORD && rule_hits_find (hits, phrase, false, range, &word)))
            (void)add (h, use->index);
}

static size_t
host_length (struct dsn_bytes in)
{
    size_t n = 0;

    while (n < in.n &&
           (g_ascii_isalnum (in.p[n]) || in.p[n] == '.' || in.p[n] == '-' || in.p[n] == '_'))
        n++;
    return n;
}

struct dsn_bytes
hosts_said (struct dsn_bytes text, struct dsn_bytes *ret_ip)
{
    struct dsn_bytes host = { 0 };
    size_t at = 0;

    for (;;) {
        struct dsn_bytes rest = dsn_bytes_sub (text, at, text.n);
        size_t found = text_find_nocase (rest, "host "), n;
        struct dsn_bytes name, after;

        if (found == G_MAXSIZE)
            return host;
        at += found + 5;
        name = text_trim (dsn_bytes_sub (text, at, text.n));
        n = host_length (name);
        if (!n || !memchr (name.p, '.', n))
            continue;
        host = dsn_bytes_sub (name, 0, n);
        if (ret_ip)
            *ret_ip = (struct dsn_bytes){ 0 };
        after = text_trim (dsn_bytes_sub (name, n, name.n));
        if (after.n && after.p[0] == '[' && ret_ip) {
            const char *end = memchr (after.p, ']', MIN (after.n, (size_t)64));
            if (end)
                *ret_ip = dsn_bytes_sub (after, 1, (size_t)(end - after.p));
        }
    }
}

int
hosts_blocklist (const struct rule_hits *hits, struct text_range range)
{
    struct use_walk walk = { 0 };
    const struct phrase_use *use;
    unsigned phrase;

    while ((use = next_use (hits, range, &walk, &phrase)))
        if (use->role == ROLE_BLOCKLIST)
            return (int)use->index;
    return -1;
}

struct dsn_bytes
hosts_zone (struct dsn_bytes text, const char *zone)
{
    size_t at = text_find_nocase (text, zone), start = at;

    if (at == G_MAXSIZE)
        return dsn_bytes_str (zone);
    while (start > 0 && (g_ascii_isalnum (text.p[start - 1]) || text.p[start - 1] == '-' ||
                         text.p[start - 1] == '.'))
        start--;
    while (start < at && text.p[start] == '.')
        start++;
    /* "www.spamhaus.org/query" is a page about the list */
    if (text_has_prefix (dsn_bytes_sub (text, start, at), "www."))
        start = at;
    return dsn_bytes_sub (text, start, at + strlen (zone));
}
