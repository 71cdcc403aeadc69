/* Templates of return paths: literal text and placeholders, one after the other.
 */
#include "core/returnpath/verp.h"

#include "core/bytes/text.h"

#include "core/mail/readoptions.h"

#include <string.h>

#define TEMPLATE_MAX 128

const char *const verp_default_templates[] = {
    "{list}+{user}==a=={domain}=={any}",      /* Sympa */
    "{list}+{user}={domain}",                 /* Mailman, Postfix, and most programs of senders */
    "{list}-return-{number}-{user}={domain}", /* ezmlm */
    "{list}-owner-{user}={domain}",           /* qmail */
    "bounces-{user}={domain}",
    "bounce-{user}={domain}",
    "b-{tag}-{hash}",
    "bounces+{tag}",
    "bounce+{tag}",
    NULL,
};

static bool
is_any (char c)
{
    return c != '\0';
}

static bool
is_digit (char c)
{
    return g_ascii_isdigit (c);
}

static bool
is_word (char c)
{
    return g_ascii_isalnum (c) || c == '_' || c == '.';
}

static bool
is_domain (char c)
{
    return (unsigned char)c >= 0x80 || g_ascii_isalnum (c) || c == '-' || c == '.';
}

static const struct place {
    const char *name; /* with its braces */
    bool (*takes) (char c);
    bool is_last;    /* up to the last occurrence of what follows */
    ptrdiff_t store; /* offset into struct verp, -1: nowhere */
} places[] = {
    { "{user}", is_any, true, offsetof (struct verp, user) },
    { "{domain}", is_domain, false, offsetof (struct verp, domain) },
    { "{tag}", is_word, false, offsetof (struct verp, tag) },
    { "{list}", is_any, false, -1 },
    { "{number}", is_digit, false, -1 },
    { "{hash}", is_word, false, -1 },
    { "{any}", is_any, false, -1 },
};

/* The placeholder at the start of @template, NULL if there's none. */
static const struct place *
find_place (const char *template)
{
    for (size_t i = 0; i < G_N_ELEMENTS (places); i++)
        if (g_str_has_prefix (template, places[i].name))
            return &places[i];
    return NULL;
}

/* Offset of the first or last @literal in @in, ASCII case apart; G_MAXSIZE if it isn't there. */
static size_t
find_literal (struct dsn_bytes in, struct dsn_bytes literal, bool is_last)
{
    size_t found = G_MAXSIZE;

    if (literal.n == 0)
        return 0;
    for (size_t i = 0; i + literal.n <= in.n; i++)
        if (g_ascii_strncasecmp (in.p + i, literal.p, literal.n) == 0) {
            found = i;
            if (!is_last)
                break;
        }
    return found;
}

/* The text up to the next placeholder. */
static struct dsn_bytes
literal_at (const char *template)
{
    return (struct dsn_bytes){ template, strcspn (template, "{") };
}

/* Takes what the placeholder stands for off @rest. */
static bool
take_place (const struct place *place, struct dsn_bytes literal, struct dsn_bytes *rest,
            struct verp *verp)
{
    const size_t end = literal.n ? find_literal (*rest, literal, place->is_last) : rest->n;
    struct dsn_bytes value;

    if (end == 0 || end == G_MAXSIZE)
        return false;
    value = dsn_bytes_sub (*rest, 0, end);
    for (size_t i = 0; i < value.n; i++)
        if (!place->takes (value.p[i]))
            return false;
    if (place->store >= 0)
        memcpy ((char *)verp + place->store, &value, sizeof value);
    *rest = dsn_bytes_sub (*rest, end, rest->n);
    return true;
}

bool
verp_read (const char *template, struct dsn_bytes local, struct verp *ret_verp)
{
    struct dsn_bytes literal = literal_at (template), rest = local;
    struct verp verp = { 0 };

    for (;;) {
        const struct place *place;

        if (rest.n < literal.n || find_literal (dsn_bytes_sub (rest, 0, literal.n), literal, false))
            return false;
        rest = dsn_bytes_sub (rest, literal.n, rest.n);
        template += literal.n;
        if (!*template)
            break;
        place = find_place (template);
        if (!place)
            return false;
        template += strlen (place->name);
        literal = literal_at (template);
        if (!take_place (place, literal, &rest, &verp))
            return false;
    }
    if (rest.n)
        return false;
    *ret_verp = verp;
    return true;
}

bool
dsn_template_is_valid (const char *text)
{
    unsigned n_users = 0, n_domains = 0, n_tags = 0;
    bool was_place = false;

    if (!*text || strlen (text) > TEMPLATE_MAX)
        return false;
    while (*text) {
        const struct place *place = find_place (text);

        if (!place && (*text <= ' ' || *text >= 0x7f || strchr ("{}@<>", *text)))
            return false;
        /* nothing between two places: nobody could tell where one ends */
        if (place && was_place)
            return false;
        was_place = place != NULL;
        text += place ? strlen (place->name) : 1;
        n_users += place && place->store == offsetof (struct verp, user);
        n_domains += place && place->store == offsetof (struct verp, domain);
        n_tags += place && place->store == offsetof (struct verp, tag);
    }
    return n_users == n_domains && n_users <= 1 && n_tags <= 1 && n_users + n_tags > 0;
}
