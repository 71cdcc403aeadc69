/* A web server, by Standard Webhooks 1.0: each request has an id, the same at each try, and is
 * signed. Requests follow each other, so that events stay in order.
 */
#include "formats/cloudevents.h"
#include "relay/sinks/sinks.h"

#include <curl/curl.h>
#include <string.h>

#define CONNECT_MS 10000
#define TIMEOUT_MS 20000
#define TURN_US    ((int64_t)30 * 1000 * 1000)
#define SAID_BYTES 200 /* of an answer, for the log */
#define KEY_BYTES  24  /* at least, by the specification */

struct http_sink {
    char *url, *ca, *certificate, *certificate_key, *token;
    GBytes *keys[2]; /* NULL: none; the second one while keys change */
    uint64_t batch;
    CURL *curl;

    unsigned n_pending; /* parcels of a request that must be made again as it was */
    int64_t again_us;   /* the server asked us not to come before; monotonic */
    bool is_alone;      /* a batch was refused: find the event that is to blame */
    GString *said;      /* what the server answered */
};

static void
http_close (void *sink)
{
    struct http_sink *s = sink;

    if (s->curl)
        curl_easy_cleanup (s->curl);
    for (unsigned i = 0; i < G_N_ELEMENTS (s->keys); i++)
        g_clear_pointer (&s->keys[i], g_bytes_unref);
    (void)g_string_free (s->said, TRUE);
    g_free (s->url);
    g_free (s->ca);
    g_free (s->certificate);
    g_free (s->certificate_key);
    g_free (s->token);
    g_free (s);
}

/* whsec_ and base64. */
static bool
read_key (struct section *section, const char *key, GBytes **ret, GError **error)
{
    g_autofree char *text = NULL;
    guchar *bytes;
    gsize n;

    if (!section_secret (section, key, &text, error))
        return false;
    if (!text)
        return true;
    bytes = g_base64_decode (g_str_has_prefix (text, "whsec_") ? text + 6 : text, &n);
    explicit_bzero (text, strlen (text));
    *ret = g_bytes_new_take (bytes, n);
    return n >= KEY_BYTES ||
           section_fail (section, key, error, "this needs base64 of 24 bytes or more");
}

static bool
read_keys (struct http_sink *s, struct section *section, GError **error)
{
    const char *url = section_need (section, "Url", error);

    if (!url)
        return false;
    s->url = g_strdup (url);
    s->ca = g_strdup (section_text (section, "CAFile", NULL));
    s->certificate = g_strdup (section_text (section, "Certificate", NULL));
    s->certificate_key = g_strdup (section_text (section, "CertificateKey", NULL));
    if (!g_str_has_prefix (url, "https://") && !g_str_has_prefix (url, "http://"))
        return section_fail (section, "Url", error, "'%s' doesn't begin with https://", url);
    return section_number (section, "Batch", 1, 1, 1000, &s->batch, error) &&
           read_key (section, "Secret", &s->keys[0], error) &&
           read_key (section, "SecondSecret", &s->keys[1], error) &&
           section_secret (section, "Token", &s->token, error);
}

static size_t
take_answer (char *bytes, size_t size, size_t n, void *data)
{
    struct http_sink *s = data;

    if (s->said->len < SAID_BYTES)
        g_string_append_len (s->said, bytes, (gssize)MIN (size * n, SAID_BYTES - s->said->len));
    return size * n;
}

static void
prepare (struct http_sink *s)
{
    CURL *c = s->curl;

    (void)curl_easy_setopt (c, CURLOPT_URL, s->url);
    (void)curl_easy_setopt (c, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt (c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt (c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    (void)curl_easy_setopt (c, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
    (void)curl_easy_setopt (c, CURLOPT_USERAGENT, "dsn-relay/" DSND_VERSION);
    (void)curl_easy_setopt (c, CURLOPT_WRITEFUNCTION, take_answer);
    (void)curl_easy_setopt (c, CURLOPT_WRITEDATA, s);
    if (s->ca)
        (void)curl_easy_setopt (c, CURLOPT_CAINFO, s->ca);
    if (s->certificate)
        (void)curl_easy_setopt (c, CURLOPT_SSLCERT, s->certificate);
    if (s->certificate_key)
        (void)curl_easy_setopt (c, CURLOPT_SSLKEY, s->certificate_key);
}

static void *
http_open (struct section *section, const char *name, GError **error)
{
    struct http_sink *s = g_new0 (struct http_sink, 1);

    (void)name;
    s->said = g_string_new (NULL);
    s->curl = curl_easy_init ();
    if (read_keys (s, section, error)) {
        prepare (s);
        return s;
    }
    http_close (s);
    return NULL;
}

/* Standard Webhooks: the HMAC of id, time and body. */
static char *
sign (GBytes *key, const char *id, const char *time, const GString *body)
{
    gsize n_key, n_digest = 32;
    const guchar *secret = g_bytes_get_data (key, &n_key);
    guchar digest[32];
    GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA256, secret, n_key);
    g_autofree char *text = NULL;

    g_hmac_update (hmac, (const guchar *)id, -1);
    g_hmac_update (hmac, (const guchar *)".", 1);
    g_hmac_update (hmac, (const guchar *)time, -1);
    g_hmac_update (hmac, (const guchar *)".", 1);
    g_hmac_update (hmac, (const guchar *)body->str, (gssize)body->len);
    g_hmac_get_digest (hmac, digest, &n_digest);
    g_hmac_unref (hmac);
    text = g_base64_encode (digest, n_digest);
    return g_strconcat ("v1,", text, NULL);
}

static struct curl_slist *
add_header (struct curl_slist *headers, const char *name, const char *value)
{
    g_autofree char *line = g_strconcat (name, ": ", value, NULL);

    return curl_slist_append (headers, line);
}

static struct curl_slist *
make_headers (const struct http_sink *s, const char *type, const char *id, const GString *body)
{
    g_autofree char *time =
        g_strdup_printf ("%" G_GINT64_FORMAT, g_get_real_time () / G_USEC_PER_SEC);
    g_autofree char *first = s->keys[0] ? sign (s->keys[0], id, time, body) : NULL;
    g_autofree char *second = s->keys[1] ? sign (s->keys[1], id, time, body) : NULL;
    g_autofree char *both = second
                                ? g_strconcat (first ? first : "", first ? " " : "", second, NULL)
                                : g_strdup (first);
    struct curl_slist *headers = add_header (NULL, "Content-Type", type);

    headers = curl_slist_append (headers, "Expect:");
    headers = add_header (headers, "webhook-id", id);
    headers = add_header (headers, "webhook-timestamp", time);
    if (both)
        headers = add_header (headers, "webhook-signature", both);
    if (s->token) {
        g_autofree char *bearer = g_strconcat ("Bearer ", s->token, NULL);
        headers = add_header (headers, "Authorization", bearer);
    }
    return headers;
}

static bool
is_cloudevent (const struct parcel *p)
{
    return g_str_has_prefix (p->text, "{\"specversion\":");
}

/* The head of a body by Standard Webhooks. Both words come from outside. */
static void
append_head (GString *out, const struct parcel *first, unsigned n)
{
    g_autofree char *kind = g_strcanon (g_strdup (first->kind), "abcdefghijklmnopqrstuvwxyz_", '_');
    const bool has_time = *first->time && !first->time[strspn (first->time, "0123456789TZ:.+-")];

    g_string_append_printf (out, "{\"type\":\"dsn.%s\",", n > 1 ? "batch" : kind);
    if (has_time)
        g_string_append_printf (out, "\"timestamp\":\"%s\",", first->time);
    g_string_append (out, "\"data\":");
}

/* The body, and its type. (static) */
static const char *
append_body (GString *out, struct parcel **parcels, unsigned n)
{
    const bool is_cloud = is_cloudevent (parcels[0]);

    if (!is_cloud)
        append_head (out, parcels[0], n);
    if (n > 1)
        g_string_append_c (out, '[');
    for (unsigned i = 0; i < n; i++) {
        g_string_append (out, i ? "," : "");
        g_string_append_len (out, parcels[i]->text, (gssize)parcels[i]->n_text);
    }
    if (n > 1)
        g_string_append_c (out, ']');
    if (!is_cloud)
        g_string_append_c (out, '}');
    if (is_cloud)
        return n == 1 ? CLOUDEVENTS_TYPE : "application/cloudevents-batch+json; charset=utf-8";
    return "application/json";
}

/* The request's id: of its first event and, in a batch, how many follow. No "." may be in it. */
static char *
request_id (const struct parcel *first, unsigned n)
{
    g_autofree char *name = parcel_name (first);

    return n > 1 ? g_strdup_printf ("%s-%u", name, n) : g_steal_pointer (&name);
}

/* Makes a request; the answer's code, 0 if there was none. */
static long
post (struct http_sink *s, struct parcel **parcels, unsigned n, char **ret_trouble)
{
    g_autoptr (GString) body = g_string_new (NULL);
    const char *type = append_body (body, parcels, n);
    g_autofree char *id = request_id (parcels[0], n);
    struct curl_slist *headers = make_headers (s, type, id, body);
    long code = 0;
    CURLcode result;

    g_string_truncate (s->said, 0);
    (void)curl_easy_setopt (s->curl, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt (s->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
    (void)curl_easy_setopt (s->curl, CURLOPT_POSTFIELDS, body->str);
    result = curl_easy_perform (s->curl);
    if (result == CURLE_OK)
        (void)curl_easy_getinfo (s->curl, CURLINFO_RESPONSE_CODE, &code);
    else
        *ret_trouble = g_strdup_printf ("%s: %s", s->url, curl_easy_strerror (result));
    (void)curl_easy_setopt (s->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all (headers);
    return code;
}

/* Codes that are about this request and no other. */
static bool
is_about_this (long code)
{
    return code == 400 || code == 413 || code == 415 || code == 422;
}

/* Codes that time mends. */
static bool
is_passing (long code)
{
    return code == 0 || code >= 500 || code == 408 || code == 425 || code == 429;
}

static void
heed_retry_after (struct http_sink *s)
{
    curl_off_t seconds = 0;

    (void)curl_easy_getinfo (s->curl, CURLINFO_RETRY_AFTER, &seconds);
    s->again_us = g_get_monotonic_time () + (int64_t)CLAMP (seconds, 0, 3600) * G_USEC_PER_SEC;
}

static enum sink_result
take_code (struct http_sink *s, long code, struct parcel **parcels, unsigned n, char **ret_trouble)
{
    g_autofree char *words = g_strdup_printf ("%s answered %ld: %s", s->url, code, s->said->str);

    s->n_pending = 0;
    if (code >= 200 && code < 300) {
        for (unsigned i = 0; i < n; i++)
            parcel_confirm (parcels[i]);
        return SINK_ANSWERED;
    }
    if (is_about_this (code) && n == 1) {
        parcel_refuse (parcels[0], words);
        return SINK_ANSWERED;
    }
    if (is_about_this (code)) { /* each by itself, this turn */
        s->is_alone = true;
        return SINK_ANSWERED;
    }
    s->n_pending = n;
    if (!*ret_trouble)
        *ret_trouble = g_steal_pointer (&words);
    if (!is_passing (code))
        return SINK_REFUSES;
    heed_retry_after (s);
    return SINK_AWAY;
}

static enum sink_result
http_deliver (void *sink, struct parcel **parcels, unsigned n, bool source_is_ordered,
              char **ret_trouble)
{
    struct http_sink *s = sink;
    const int64_t start_us = g_get_monotonic_time ();
    unsigned n_alone = 0;

    (void)source_is_ordered;
    if (start_us < s->again_us) {
        *ret_trouble = g_strdup_printf ("%s asked us to wait", s->url);
        return SINK_AWAY;
    }
    for (unsigned i = 0; i < n && g_get_monotonic_time () - start_us < TURN_US;) {
        const unsigned n_wanted = n_alone            ? 1
                                  : s->n_pending > 0 ? s->n_pending
                                                     : (unsigned)s->batch;
        const unsigned n_now = MIN (n_wanted, n - i);
        const long code = post (s, parcels + i, n_now, ret_trouble);
        const enum sink_result result = take_code (s, code, parcels + i, n_now, ret_trouble);
        if (result != SINK_ANSWERED)
            return result;
        if (s->is_alone) {
            s->is_alone = false;
            n_alone = n_now;
            continue;
        }
        n_alone -= n_alone > 0;
        i += n_now;
    }
    return SINK_ANSWERED;
}

/* A HEAD request: it says whether somebody is there, and nothing of what a POST would get. */
static enum sink_result
http_check (void *sink, char **ret_words)
{
    struct http_sink *s = sink;
    CURLcode result;
    long code = 0;

    (void)curl_easy_setopt (s->curl, CURLOPT_NOBODY, 1L);
    result = curl_easy_perform (s->curl);
    (void)curl_easy_getinfo (s->curl, CURLINFO_RESPONSE_CODE, &code);
    (void)curl_easy_setopt (s->curl, CURLOPT_NOBODY, 0L);
    *ret_words = result == CURLE_OK
                     ? g_strdup_printf ("%s answers; a HEAD request gets %ld", s->url, code)
                     : g_strdup_printf ("%s: %s", s->url, curl_easy_strerror (result));
    return result == CURLE_OK ? SINK_ANSWERED : SINK_AWAY;
}

const struct sink_kind sink_http = {
    .name = "http",
    .is_ordered = true,
    .open = http_open,
    .deliver = http_deliver,
    .check = http_check,
    .close = http_close,
};
