/* json: text to cJSON and back, for texts cJSON alone would refuse or cut.
 * cJSON refuses a whole message for one lone surrogate and ends a string at \u0000. Both occur in
 * real pages. Lone surrogates become U+FFFD; NUL travels inside cJSON as U+FDD0 "0" (and U+FDD0
 * itself, a noncharacter, as U+FDD0 "1"). Always read and make strings through the functions here. */
#ifndef KR_JSON_H
#define KR_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* Gives a tree (cJSON_Delete), or NULL for text that is no JSON. Borrows text. *bad_at (may be NULL): place of the fault. */
cJSON *kr_json_parse(const char *text, size_t len, size_t *bad_at);
/* Gives malloc'd text of the tree (free), *len its length. NULL only for a broken tree. */
char *kr_json_print(const cJSON *tree, bool pretty, size_t *len);
/* Lends the bytes of a string item; *owned is set when the caller must free them. */
const char *kr_json_text(const cJSON *item, size_t *len, char **owned);
/* Gives a string item that holds any bytes of valid UTF-8, NUL too. */
cJSON *kr_json_string(const char *text, size_t len);
bool kr_utf8_valid(const char *text, size_t len);

#endif
