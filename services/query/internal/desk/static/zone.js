// zone.js shows the times of a page also as the clock of who looks has them, where
// that is another than the event's. The page is whole without it.
(() => {
  "use strict";

  const zone = document.documentElement.dataset.zone;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const times = [...document.querySelectorAll("time[datetime]")];

  const format = (options, timeZone) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone, ...options });
  const long = { weekday: "short", day: "numeric", month: "short" };
  const differs = (() => {
    const full = { ...long, year: "numeric" };
    const there = format(full, zone), mine = format(full, here);
    return (time) => there.format(time) !== mine.format(time);
  })();
  const at = (element) => new Date(element.dateTime);
  if (!times.some((element) => differs(at(element)))) {
    return;
  }

  // The line below the dates of the event.
  const name = here.replaceAll("_", " ");
  const dated = format(long, here);
  const line = document.querySelector(".here");
  const hours = [...document.querySelectorAll("#hours time")];
  if (line && hours.length > 0) {
    line.querySelector("b").textContent = `${hours.map((element) => dated.format(at(element)).replace("Sept", "Sep")).join(" – ")} (${name})`;
    line.hidden = false;
  }

  // The switch, which turns all times, and the names of their zone. A time that is
  // on another day there says so.
  const button = document.querySelector(".switch");
  if (!button) {
    return;
  }
  const clock = format({}, here), weekday = format({ weekday: "short" }, here);
  const day = (timeZone) => new Intl.DateTimeFormat("en-GB", { dateStyle: "short", timeZone });
  const dayThere = day(zone), dayHere = day(here);
  const texts = times.map((element) => element.textContent);
  const zones = [...document.querySelectorAll(".zone")];
  const zoneNames = zones.map((element) => element.textContent);
  button.hidden = false;
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    times.forEach((element, i) => {
      const time = at(element);
      const moved = /\p{L}/u.test(texts[i]) || dayThere.format(time) !== dayHere.format(time);
      element.textContent = !on ? texts[i] : (moved ? weekday : clock).format(time).replace(",", "");
    });
    zones.forEach((element, i) => {
      element.textContent = on ? name : zoneNames[i];
    });
  });
})();
