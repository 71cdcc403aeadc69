/* The style of the HTML page: light and dark as the reader's system is, wide and narrow, on paper.
 */
#ifndef CLI_REPORTSTYLE_H
#define CLI_REPORTSTYLE_H

/* Its rules, to be put one after another; the last is NULL. */
extern const char *const report_style[];

#endif
