/* The lines that a bounce report is made from: a spool, files, standard input. Damaged and foreign
 * lines are counted and stepped over. A line is at most DSN_SPOOLLINE_MAX_BYTES; memory doesn't
 * grow with the input.
 */
#ifndef CLI_REPORTREAD_H
#define CLI_REPORTREAD_H

#include "cli/report/reporttally.h"

#include <stdbool.h>
#include <stdio.h>

/* Each of these returns false after it has told what couldn't be read; the tally counts that too.
 */

/* Adds the events of the spool's segments, whose checksums must be right. An incomplete line at
 * the very end is being written, and isn't damage. A directory that dsnd hasn't made is none. */
bool report_read_spool (struct report_tally *tally, const char *directory);

/* Adds the events of a file of JSON lines; the name of a segment means one of a spool. */
bool report_read_file (struct report_tally *tally, const char *path);

/* Adds the events of an open stream, such as standard input; @name is for the complaint. */
bool report_read_stream (struct report_tally *tally, FILE *stream, const char *name);

#endif
