/* name: text from outside made into one harmless name of a file, on every system. */
#ifndef KR_NAME_H
#define KR_NAME_H

#include <stddef.h>

enum { KR_NAME_LIMIT = 200 };              /* bytes; leaves room for " (2)" and ".part" below the usual 255 */

/* Gives a malloc'd name of at most limit bytes (16 at least): NFC, no separators, controls or
 * direction marks, no reserved name, extension kept. Letters and digits are never changed.
 * NULL: not UTF-8. Nothing left: "_". */
char *kr_name_safe(const char *text, size_t len, size_t limit);
/* Gives what two names share when a person, or a file system that ignores case, takes them for one. */
char *kr_name_fold(const char *text, size_t len);
/* Gives what is left for a person who types no accents: folded, without the marks on letters. NULL: not UTF-8. */
char *kr_name_bare(const char *text, size_t len);
char *kr_name_nfc(const char *text, size_t len); /* NULL: not UTF-8 */

#endif
