// Posts the height of the figure to the page around the frame: {type: "upheld:height", height: pixels}.
"use strict";
if (parent !== window) {
  const postHeight = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    parent.postMessage({ type: "upheld:height", height }, "*");
  };
  new ResizeObserver(postHeight).observe(document.documentElement);
}
