/* lua_ws: WebSockets as Lua sees them: connect, receive, send, close. */
#ifndef KR_LUA_WS_H
#define KR_LUA_WS_H

#include <lua.h>

#include "ws.h"

/* Pushes a socket that has no connection yet; kr_socket_take gives it one that is open. */
struct kr_socket *kr_socket_push(lua_State *L);
void kr_socket_take(struct kr_socket *socket, struct kr_ws *ws);
int kr_open_ws(lua_State *L);              /* module karun.native.ws */

#endif
