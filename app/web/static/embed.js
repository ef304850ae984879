// Tell the page around the frame how high the figure is: {type: "upheld:height", height: pixels}.
"use strict";
if (parent !== window) {
  const announce = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    parent.postMessage({ type: "upheld:height", height }, "*");
  };
  new ResizeObserver(announce).observe(document.documentElement);
}
