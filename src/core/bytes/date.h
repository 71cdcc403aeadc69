/* Dates of mail (RFC 5322 s.3.3, and what mail systems write instead) as RFC 3339 in UTC.
 */
#ifndef DSND_DATE_H
#define DSND_DATE_H

#include <dsn/bytes.h>

#include <stdbool.h>

#define DATE_TEXT_SIZE 24 /* "2026-11-21T08:00:00Z" and its NUL */

/* Reads @in: day, month name, year, time, zone in any usual order; a comment and the weekday are
 * ignored, an unknown zone is UTC. False if it isn't a date; never guesses a part. */
bool date_to_rfc3339 (struct dsn_bytes in, char text[DATE_TEXT_SIZE]);

#endif
