/* The default limits: each is far above what an honest report needs.
 */
#include "core/bytes/limits.h"

struct dsn_limits
dsn_limits_default (void)
{
    return (struct dsn_limits){
        .mail_bytes = 1024 * 1024,
        .header_bytes = 100 * 1024,
        .field_bytes = 8 * 1024,
        .headers_count = 1000,
        .mime_depth = 32,
        .parts_count = 500,
        .recipients_count = 1000,
        .value_bytes = 4 * 1024,
        .text_bytes = 64 * 1024,
        .line_bytes = 4 * 1024,
    };
}
