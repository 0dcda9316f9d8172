/* lua_yaml: see lua_yaml.h. The only file that knows libyaml. It says what stands in the text and on which
 * line; what a plain scalar means (number, truth, nothing) is Lua's business. */
#include "lua_yaml.h"

#include <lauxlib.h>
#include <yaml.h>

#include "lua_error.h"

enum { DEEPEST = 64 };

static const char DOCUMENT[] = "karun.native.yaml.document";

/* Both in one userdata: an error of Lua's frees them too. */
struct reading {
  yaml_parser_t parser;
  yaml_document_t document;
  int has_parser, has_document;
};

static int l_gc(lua_State *L)
{
  struct reading *reading = luaL_checkudata(L, 1, DOCUMENT);
  if (reading->has_document) yaml_document_delete(&reading->document);
  if (reading->has_parser) yaml_parser_delete(&reading->parser);
  reading->has_document = reading->has_parser = 0;
  return 0;
}

static void push_node(lua_State *L, struct reading *reading, int id, int made, int depth);

static void set_field(lua_State *L, const char *name, const char *value)
{
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

static void push_items(lua_State *L, struct reading *reading, const yaml_node_t *node, int made, int depth)
{
  const yaml_node_item_t *item = node->data.sequence.items.start;
  for (lua_Integer i = 1; item < node->data.sequence.items.top; item++, i++) {
    push_node(L, reading, *item, made, depth + 1);
    lua_rawseti(L, -2, i);
  }
}

/* { key = node, value = node }, … in the order of the text; names may come twice, which is for Lua to judge */
static void push_pairs(lua_State *L, struct reading *reading, const yaml_node_t *node, int made, int depth)
{
  const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
  for (lua_Integer i = 1; pair < node->data.mapping.pairs.top; pair++, i++) {
    lua_createtable(L, 0, 2);
    push_node(L, reading, pair->key, made, depth + 1);
    lua_setfield(L, -2, "key");
    push_node(L, reading, pair->value, made, depth + 1);
    lua_setfield(L, -2, "value");
    lua_rawseti(L, -2, i);
  }
}

/* made: the stack place of the nodes made so far, by id; an alias is the same table again, so that a text
 * of aliases of aliases grows nothing. */
static void push_node(lua_State *L, struct reading *reading, int id, int made, int depth)
{
  if (lua_rawgeti(L, made, id) == LUA_TTABLE) return;
  lua_pop(L, 1);
  const yaml_node_t *node = yaml_document_get_node(&reading->document, id);
  luaL_checkstack(L, 8, "yaml");
  if (!node || depth > DEEPEST) kr_raise(L, KR_CONFIG, "YAML nested deeper than %d levels", (int)DEEPEST);
  lua_createtable(L, 0, 4);
  lua_pushvalue(L, -1);
  lua_rawseti(L, made, id);
  lua_pushinteger(L, (lua_Integer)node->start_mark.line + 1);
  lua_setfield(L, -2, "line");
  switch (node->type) {
  case YAML_SCALAR_NODE:
    set_field(L, "kind", "scalar");
    lua_pushlstring(L, (const char *)node->data.scalar.value, node->data.scalar.length);
    lua_setfield(L, -2, "text");
    lua_pushboolean(L, node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
    lua_setfield(L, -2, "plain");
    break;
  case YAML_SEQUENCE_NODE:
    set_field(L, "kind", "list");
    push_items(L, reading, node, made, depth);
    break;
  case YAML_MAPPING_NODE:
    set_field(L, "kind", "map");
    push_pairs(L, reading, node, made, depth);
    break;
  case YAML_NO_NODE: break;
  }
}

static int push_fault(lua_State *L, const yaml_parser_t *parser)
{
  lua_pushnil(L);
  lua_pushstring(L, parser->problem ? parser->problem : "it cannot be read");
  lua_pushinteger(L, (lua_Integer)parser->problem_mark.line + 1);
  return 3;
}

/* parse(text) -> the first document's node, or nil for an empty text; nil, problem, line for a broken one */
static int l_parse(lua_State *L)
{
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  struct reading *reading = lua_newuserdatauv(L, sizeof *reading, 0);
  reading->has_parser = reading->has_document = 0;
  luaL_setmetatable(L, DOCUMENT);
  if (!yaml_parser_initialize(&reading->parser)) return kr_raise(L, KR_INTERNAL, "no memory for a YAML parser");
  reading->has_parser = 1;
  yaml_parser_set_input_string(&reading->parser, (const unsigned char *)text, len);
  if (!yaml_parser_load(&reading->parser, &reading->document)) return push_fault(L, &reading->parser);
  reading->has_document = 1;
  if (!yaml_document_get_root_node(&reading->document)) return lua_pushnil(L), 1;
  lua_newtable(L);
  int made = lua_gettop(L);
  push_node(L, reading, (int)(yaml_document_get_root_node(&reading->document) - reading->document.nodes.start) + 1, made, 0);
  return 1;
}

int kr_open_yaml(lua_State *L)
{
  static const luaL_Reg functions[] = {{"parse", l_parse}, {NULL, NULL}};
  luaL_newmetatable(L, DOCUMENT);
  lua_pushcfunction(L, l_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
