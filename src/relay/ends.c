/* Opening, asking and closing the ends. */
#include "relay/ends.h"

#include <stdio.h>

bool
ends_open (struct ends *ends, const struct relayconfig *c, GError **error)
{
    ends->source = c->source_kind->open (c->source, c->name, error);
    ends->sink = ends->source ? c->sink_kind->open (c->sink, c->name, error) : NULL;
    return ends->sink && section_finish (c->source, error) && section_finish (c->sink, error);
}

void
ends_close (struct ends *ends, const struct relayconfig *c)
{
    if (ends->sink)
        c->sink_kind->close (ends->sink);
    if (ends->source)
        c->source_kind->close (ends->source);
    *ends = (struct ends){ 0 };
}

bool
ends_check (const struct ends *ends, const struct relayconfig *c)
{
    g_autofree char *source_says = NULL, *sink_says = NULL;
    const bool is_source_ok = c->source_kind->check (ends->source, &source_says);
    const bool is_sink_ok = c->sink_kind->check (ends->sink, &sink_says) == SINK_ANSWERED;

    (void)printf ("source: %s: %s\n", is_source_ok ? "OK" : "failed", source_says);
    (void)printf ("sink: %s: %s\n", is_sink_ok ? "OK" : "failed", sink_says);
    return is_source_ok && is_sink_ok;
}
