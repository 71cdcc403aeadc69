/* Whose refusal it is: the provider behind a host name, an address or a text; and the block list
 * that a text names.
 */
#ifndef DSND_HOSTS_H
#define DSND_HOSTS_H

#include "core/rules/ruleset.h"

/* Most providers that one refusal can be of. */
#define HOSTS_MAX 4

struct hosts {
    unsigned providers[HOSTS_MAX]; /* indexes into rules->providers, the strongest first */
    unsigned n;
};

/* Fills index->hosts and index->domains, the patterns of all providers. */
void hosts_index (struct rule_index *index, const struct dsn_rules *rules);

/* Adds the provider whose `host` suffix fits @host; false if none does. */
bool hosts_add_host (struct hosts *h, const struct dsn_rules *rules, struct dsn_bytes host);

/* Adds the provider that serves the address's domain. */
bool hosts_add_domain (struct hosts *h, const struct dsn_rules *rules, struct dsn_bytes address);

/* Adds those whose `seen` phrases occur in @range. */
void hosts_add_seen (struct hosts *h, const struct rule_hits *hits, struct text_range range);

bool hosts_have (const struct hosts *h, unsigned provider);

/* The host whose reply @text quotes ("host mx.example.net[192.0.2.1] said: ..."), the last one; its
 * address, where it stands behind, in @ret_ip. Empty if there's none. Slices of @text. */
struct dsn_bytes hosts_said (struct dsn_bytes text, struct dsn_bytes *ret_ip);

/* The block list named in @range of a text: its index in rules->blocklists, -1: none. */
int hosts_blocklist (const struct rule_hits *hits, struct text_range range);

/* The whole zone in @text that ends with block list @zone ("zen.spamhaus.org"), or @zone itself. */
struct dsn_bytes hosts_zone (struct dsn_bytes text, const char *zone);

#endif
