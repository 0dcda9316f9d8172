/* lua_base64: see lua_base64.h. The protocol carries bodies, pictures and PDFs this way. */
#include "lua_base64.h"

#include <lauxlib.h>
#include <stdint.h>
#include <string.h>

#include "lua_error.h"

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* encode(bytes) -> text */
static int l_encode(lua_State *L)
{
  size_t len;
  const unsigned char *in = (const unsigned char *)luaL_checklstring(L, 1, &len);
  luaL_Buffer buffer;
  char *out = luaL_buffinitsize(L, &buffer, (len + 2) / 3 * 4);
  size_t n = 0;
  for (size_t i = 0; i < len; i += 3) {
    size_t left = len - i;
    uint32_t group = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);
    out[n++] = DIGITS[group >> 18];
    out[n++] = DIGITS[group >> 12 & 63];
    out[n++] = left > 1 ? DIGITS[group >> 6 & 63] : '=';
    out[n++] = left > 2 ? DIGITS[group & 63] : '=';
  }
  luaL_pushresultsize(&buffer, n);
  return 1;
}

static int digit(char c)
{
  const char *at = c ? strchr(DIGITS, c) : NULL;
  return at ? (int)(at - DIGITS) : -1;
}

/* decode(text) -> bytes; white space is passed over, the first = ends it */
static int l_decode(lua_State *L)
{
  size_t len;
  const char *in = luaL_checklstring(L, 1, &len);
  signed char values[256];
  for (int c = 0; c < 256; c++) values[c] = (signed char)digit((char)c);
  luaL_Buffer buffer;
  char *out = luaL_buffinitsize(L, &buffer, len / 4 * 3 + 3);
  size_t n = 0;
  uint32_t bits = 0;
  int have = 0;
  for (size_t i = 0; i < len && in[i] != '='; i++) {
    if (strchr(" \t\r\n", in[i]) && in[i]) continue;
    int value = values[(unsigned char)in[i]];
    if (value < 0) return kr_raise(L, KR_USAGE, "this is no base64: byte %d at %d", (unsigned char)in[i], (int)i + 1);
    bits = bits << 6 | (uint32_t)value;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out[n++] = (char)(bits >> have & 255);
  }
  luaL_pushresultsize(&buffer, n);
  return 1;
}

int kr_open_base64(lua_State *L)
{
  static const luaL_Reg functions[] = {{"encode", l_encode}, {"decode", l_decode}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
