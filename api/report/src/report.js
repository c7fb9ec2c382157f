// Adds to the report's pages: values of charts on hover, focus and tap, sortable tables, and PNG
// pictures of charts. Every page is complete without it.
"use strict";
{
  /** Distance in pixels from which a pointer reaches a value. */
  const REACH = 24;

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  document.body.append(tip);
  let shown = null;

  const hide = () => {
    shown?.classList.remove("shown");
    shown = null;
    tip.textContent = "";
  };

  const show = (mark) => {
    if (mark === shown) return;
    hide();
    shown = mark;
    mark.classList.add("shown");
    tip.textContent = mark.dataset.value;
    const at = mark.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const left = at.left + at.width / 2 - own.width / 2;
    const most = document.documentElement.clientWidth - own.width - 4;
    const above = at.top - own.height - 8;
    tip.style.left = `${window.scrollX + Math.max(4, Math.min(left, most))}px`;
    tip.style.top = `${window.scrollY + (above < 0 ? at.bottom + 8 : above)}px`;
  };

  /** Distance from a point to a rectangle. */
  const distance = (x, y, box) =>
    Math.hypot(
      Math.max(box.left - x, 0, x - box.right),
      Math.max(box.top - y, 0, y - box.bottom),
    );

  const nearest = (marks, x, y) => {
    let [best, least] = [null, REACH];
    for (const mark of marks) {
      const box = mark.getBoundingClientRect();
      // Prefer the center among marks that touch the pointer, such as a dot on a bar.
      const center = Math.hypot(x - box.left - box.width / 2, y - box.top - box.height / 2);
      const far = distance(x, y, box) + center / 1000;
      if (far < least) [best, least] = [mark, far];
    }
    return best;
  };

  for (const chart of document.querySelectorAll(".draw, .tile")) {
    const marks = [...chart.querySelectorAll("[data-value]")];
    if (!marks.length) continue;
    const point = (event) => {
      const mark = nearest(marks, event.clientX, event.clientY);
      if (mark) show(mark);
      else hide();
    };
    chart.addEventListener("pointermove", point);
    chart.addEventListener("pointerdown", point);
    chart.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hide());
    const target = chart.matches(".draw") ? chart : chart.querySelector(".spark").parentElement;
    const title = target.querySelector("svg")?.getAttribute("aria-label") ?? "";
    target.tabIndex = 0;
    target.setAttribute("role", "group");
    target.setAttribute("aria-label", `${title}: arrow keys move from value to value`);
    let at = -1;
    target.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      at = Math.max(0, Math.min(marks.length - 1, at + step));
      show(marks[at]);
    });
    target.addEventListener("blur", hide);
  }
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".draw, .tile")) hide();
  });

  /** Value by which a cell is ordered: a day, a quarter, a number, or nothing. */
  const order = (text) => {
    const day = /^[A-Z][a-z]{2} \d{1,2}, \d{4}/.exec(text);
    if (day) return Date.parse(`${day[0]} UTC`);
    const quarter = /^Q([1-4]) (\d{4})$/.exec(text);
    if (quarter) return Number(quarter[2]) + Number(quarter[1]) / 4;
    const number = /^[−+-]?\d[\d,]*(\.\d+)?/.exec(text);
    return number ? Number(number[0].replaceAll(",", "").replace("−", "-")) : null;
  };

  const compare = (one, two) => {
    const [first, second] = [order(one), order(two)];
    if (first !== null && second !== null && first !== second) return first - second;
    return one.localeCompare(two, "en", { numeric: true });
  };

  const isEmpty = (text) => text === "" || text === "–";

  for (const table of document.querySelectorAll(".scroll > table")) {
    const body = table.tBodies[0];
    if (!body || body.rows.length < 2) continue;
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const falls = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", falls ? "descending" : "ascending");
        const text = (row) => row.cells[column]?.textContent.trim() ?? "";
        const rows = [...body.rows].sort((one, two) => {
          const [first, second] = [text(one), text(two)];
          // Empty cells stay last in both directions.
          if (isEmpty(first) || isEmpty(second)) return isEmpty(first) - isEmpty(second);
          return (falls ? -1 : 1) * compare(first, second);
        });
        body.append(...rows);
      });
    });
  }

  for (const link of document.querySelectorAll("a[data-picture]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "picture";
    button.append("PNG", link.querySelector(".hidden")?.cloneNode(true) ?? "");
    link.after(button);
    button.addEventListener("click", async () => {
      const image = new Image();
      image.src = link.href;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.width * 2, image.height * 2];
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((picture) => {
        const saved = document.createElement("a");
        saved.href = URL.createObjectURL(picture);
        saved.download = `${link.dataset.picture}.png`;
        saved.click();
        URL.revokeObjectURL(saved.href);
      }, "image/png");
    });
  }
}
