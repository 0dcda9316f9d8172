/* lua_audio: sounds of finished files for Lua (module karun.native.audio). */
#ifndef KR_LUA_AUDIO_H
#define KR_LUA_AUDIO_H

#include <lua.h>

int kr_open_audio(lua_State *L);

#endif
