// Put a button to copy beside everything that is there to be copied. Without this script it can be selected.
"use strict";
for (const text of document.querySelectorAll(".copied")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.value ?? text.textContent);
      button.textContent = "Copied";
    } catch {
      // Without permission to write: select it, so that a key does the rest.
      const range = document.createRange();
      range.selectNodeContents(text);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  text.after(button);
}
