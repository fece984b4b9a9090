// Everything that must not escape the tests: see tests/harness.rs.
console.error("fault one: said aloud");
setTimeout(() => { throw new Error("fault two: thrown"); });
Promise.reject(new Error("fault three: a broken promise"));
fetch("http://127.0.0.1:9/elsewhere").catch(() => {});
const picture = new Image();
picture.src = "no-such-picture.png";
document.body.append(picture);
