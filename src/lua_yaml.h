/* lua_yaml: karun.native.yaml, one YAML document as a tree of nodes with their lines. */
#ifndef KR_LUA_YAML_H
#define KR_LUA_YAML_H

#include <lua.h>

int kr_open_yaml(lua_State *L);

#endif
