/* The other tools' formats are one table. */
#include "formats/outformat.h"

#include <string.h>

struct outformat {
    const char *name;
    outformat_fn *render;
};

static const struct outformat formats[] = {
    { "sisimai", outformat_sisimai },
    { "ses", outformat_ses },
    { "kumomta", outformat_kumomta },
};

const struct outformat *
outformat_lookup (const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS (formats); i++)
        if (strcmp (formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

static int
append_piece (const char *piece, size_t n, void *data)
{
    g_string_append_len (data, piece, (gssize)n);
    return 0;
}

bool
outformat_append (const struct outformat *f, GString *out, struct dsn_bytes json)
{
    json_t *event = json_loadb (json.p, json.n, 0, NULL);
    json_t *record = json_is_object (event) ? f->render (event) : NULL;
    const bool has_record = record != NULL;

    if (record)
        (void)json_dump_callback (record, append_piece, out, JSON_COMPACT);
    json_decref (record);
    json_decref (event);
    return has_record;
}
