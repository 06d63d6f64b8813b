// What the page does without its framework: the session, the proof that goes with every event, the address, and
// coming back after the server was away.
(() => {
  const plain = window.fetch.bind(window);
  const windows = "BroadcastChannel" in window ? new BroadcastChannel("lakewright-session") : null;

  // Who signs in or out in one window does so in all of them.
  if (windows) windows.onmessage = () => location.reload();

  const proof = () => document.cookie.match(/(?:^|; )lakewright_csrf=([0-9a-f]+)/)?.[1];

  window.fetch = (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    const changes = !["GET", "HEAD"].includes((init.method || input.method || "GET").toUpperCase());
    const ours = url.origin === location.origin && url.pathname.startsWith("/gradio_api/");
    if (!changes || !ours || !proof()) return plain(input, init);
    const headers = new Headers(init.headers || input.headers);
    headers.set("X-CSRF-Token", proof());
    return plain(input, { ...init, headers });
  };

  const session = async (method, body) => {
    try {
      const options = { method, headers: { "Content-Type": "application/json" }, body };
      const reply = await plain("/api/session", options);
      if (!reply.ok) return JSON.stringify(await reply.json());
      if (windows) windows.postMessage(method);
      return "";
    } catch (error) {
      return JSON.stringify({ detail: "The server does not answer.", remedy: "Try again in a moment." });
    }
  };

  const at = (place) => {
    if (location.hash !== `#${place}`) history.pushState(null, "", `#${place}`);
  };
  const place = () => location.hash.slice(1);
  const room = () => place().split("/")[0];
  const button = (id) => document.querySelector(`button#${id}`);
  // The framework draws what has changed a moment later.
  const shown = async (id) => {
    for (let tries = 0; tries < 20 && !button(id); tries++) await new Promise((done) => setTimeout(done, 25));
    return button(id);
  };

  const update = (properties) => ({ __type__: "update", ...properties });
  // What the framework is to show: the column of one of the rooms, and its button as the pressed one.
  const open = (chosen, rooms) => [
    ...rooms.map((one) => update({ visible: one === chosen })),
    ...rooms.map((one) => update({ variant: one === chosen ? "primary" : "secondary" })),
  ];

  window.lakewright = {
    place,
    at,
    signIn: (token) =>
      token.trim()
        ? session("POST", JSON.stringify({ token: token.trim() }))
        : JSON.stringify({ detail: "There is no access token.", remedy: "Paste the one that you were given." }),
    signOut: async () => {
      await session("DELETE");
      history.replaceState(null, "", location.pathname + location.search);
    },
    // The room that the address names is opened by its button, which is there only for who may enter.
    follow: async () => {
      if (!place()) history.replaceState(null, "", "#chat");
      const named = room();
      const way = /^[a-z]+$/.test(named) && (await shown(`to-${named}`));
      if (way && room() === named) way.click();
    },
    open,
    // The room may be the one that is open already: its address can have a conversation in it.
    enter: (chosen, rooms) => {
      document.querySelectorAll("#rooms button").forEach((one) => one.removeAttribute("aria-current"));
      button(`to-${chosen}`)?.setAttribute("aria-current", "page");
      if (room() !== chosen) at(chosen);
      return open(chosen, rooms);
    },
    begun: (id) => {
      if (id && ["", "chat"].includes(place())) history.replaceState(null, "", `#chat/${id}`);
    },
  };

  window.addEventListener("popstate", () => button("went")?.click());

  const enter = (text) => {
    const field = document.querySelector("#question textarea");
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  };
  document.addEventListener("click", (event) => {
    const again = event.target.closest("[data-question]");
    if (again) enter(again.dataset.question);
  });
})();
