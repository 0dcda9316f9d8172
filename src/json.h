/* json: text to cJSON, for texts cJSON alone would refuse or cut, and the writing of texts.
 * cJSON refuses a whole message for one lone surrogate and ends a string at \u0000. Both occur in
 * real pages. Lone surrogates become U+FFFD; NUL travels inside cJSON as U+FDD0 "0" (and U+FDD0
 * itself, a noncharacter, as U+FDD0 "1"). Always read strings through the functions here. */
#ifndef KR_JSON_H
#define KR_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

struct kr_buf;

/* Gives a tree (cJSON_Delete), or NULL for text that is no JSON. Borrows text. *bad_at (may be NULL): place of the fault. */
cJSON *kr_json_parse(const char *text, size_t len, size_t *bad_at);
/* Lends the bytes of a string item; *owned is set when the caller must free them. */
const char *kr_json_text(const cJSON *item, size_t *len, char **owned);
/* Adds text (UTF-8) in quotes, escaped. 0 or -KR_TOO_LARGE. */
int kr_json_add_text(struct kr_buf *out, const char *text, size_t len);
bool kr_utf8_valid(const char *text, size_t len);

#endif
