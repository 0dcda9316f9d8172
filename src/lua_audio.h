/* lua_audio: sound for Lua (module karun.native.audio). Raw: see lua/karun/audio.lua. */
#ifndef KR_LUA_AUDIO_H
#define KR_LUA_AUDIO_H

#include <lua.h>

int kr_open_audio(lua_State *L);

#endif
