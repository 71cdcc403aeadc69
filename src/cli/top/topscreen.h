/* A terminal that lines are shown on. Output never blocks: on a slow line frames are left out. */
#ifndef CLI_TOPSCREEN_H
#define CLI_TOPSCREEN_H

#include "cli/top/topframe.h"

#include <stdbool.h>

struct topscreen;

/* What a key press means; letters and other characters are themselves. */
enum top_key { KEY_NONE = 0, KEY_UP = 256, KEY_DOWN, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_ESCAPE };

/* Takes the controlling terminal over. (transfer full): topscreen_free() puts it back as it was.
 * NULL if there's none, errno tells. */
struct topscreen *topscreen_new (void);
void topscreen_free (struct topscreen *s);

int topscreen_fd (const struct topscreen *s);
bool topscreen_is_busy (const struct topscreen *s); /* there's more to write */
void topscreen_flush (struct topscreen *s);

/* Columns and lines, at least 20 and 8. */
void topscreen_size (const struct topscreen *s, unsigned *ret_width, unsigned *ret_height);

/* Shows @lines (struct top_line): writes what differs from the last frame. Nothing while that isn't
 * written out. */
void topscreen_show (struct topscreen *s, const GArray *lines);

/* The next key that was pressed; KEY_NONE: none. -1: the terminal is gone. */
int topscreen_key (struct topscreen *s);

#endif
