-- A server of one's own: routes with names in them, a web socket; here the page talks to both.

local karun = require "karun"

local server <close> = karun.serve {
  routes = {
    ["GET /"] = function() return { headers = { ["content-type"] = "text/html" }, body = "<title>Echo</title>" } end,
    ["GET /hello/:who"] = function(request) return "Hello " .. request.params.who end,
  },
  ws = {
    ["/echo"] = function(socket) socket:send("you said " .. socket:receive()) end,
  },
}

local browser <close> = karun.launch()
local page = browser:page()
page:open(server.url)
print(page:eval "() => fetch('/hello/Mara').then((answer) => answer.text())")
print(page:eval [[() => new Promise((done) => {
  const socket = new WebSocket(location.href.replace('http', 'ws') + 'echo');
  socket.onopen = () => socket.send('hi');
  socket.onmessage = (event) => done(event.data);
})]])
