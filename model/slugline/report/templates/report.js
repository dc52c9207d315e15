(function () {
  "use strict";

  // Charts: a still picture is there already; a living one takes its place where Vega can draw it.
  if (window.vegaEmbed) {
    for (const figure of document.querySelectorAll("figure.chart")) {
      const plot = figure.querySelector(".plot");
      const spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
      const live = document.createElement("div");
      live.className = "live";
      live.ariaHidden = "true";
      plot.append(live);
      const options = {
        mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false,
        tooltip: { disableDefaultStyle: true }
      };
      window.vegaEmbed(live, spec, options).then(
        function () {
          // The picture has its text on the element around it.
          for (const one of live.querySelectorAll("[role], [aria-roledescription], [aria-label]")) {
            for (const name of ["role", "aria-roledescription", "aria-label"]) one.removeAttribute(name);
          }
          figure.classList.add("drawn");
        },
        function () { live.remove(); }
      );
    }
  }

  // Tables of labels: a button in each column's heading sorts, two fields filter.
  for (const table of document.querySelectorAll("table.labels")) {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    const headings = Array.from(table.tHead.rows[0].cells);
    const compare = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;

    headings.forEach(function (heading, column) {
      const text = heading.dataset.kind === "text";
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      // Printed headings are repeated on each page, which buttons are not.
      const printed = document.createElement("span");
      printed.className = "printed";
      printed.textContent = heading.textContent;
      heading.replaceChildren(button, printed);
      button.addEventListener("click", function () {
        const first = text ? "ascending" : "descending";
        const other = text ? "descending" : "ascending";
        const order = heading.getAttribute("aria-sort") === first ? other : first;
        for (const one of headings) one.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const value = function (row) {
          const cell = row.cells[column];
          return text ? cell.textContent : Number(cell.dataset.sort);
        };
        rows.sort(function (a, b) {
          return sign * (text ? compare(value(a), value(b)) : value(a) - value(b));
        });
        body.append(...rows);
      });
    });

    const finder = table.closest(".scroll").previousElementSibling;
    const [name, least] = finder.querySelectorAll("input");
    const found = finder.querySelector(".found");
    const held = headings.findIndex(function (one) { return one.firstChild.textContent === "Held out"; });
    const narrow = function () {
      const wanted = name.value.trim().toLocaleLowerCase();
      let shown = 0;
      for (const row of rows) {
        const fits = row.cells[0].textContent.toLocaleLowerCase().includes(wanted)
          && Number(row.cells[held].dataset.sort) >= Number(least.value || 0);
        row.hidden = !fits;
        shown += fits;
      }
      found.textContent = shown + " of " + rows.length + " shown";
    };
    name.addEventListener("input", narrow);
    least.addEventListener("input", narrow);
    finder.hidden = false;
    narrow();
  }

  // Print everything: what is folded is opened, and folded again.
  let opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("#made details:not([open])"));
    for (const one of opened) one.open = true;
  });
  window.addEventListener("afterprint", function () {
    for (const one of opened) one.open = false;
  });
}());
