// Unpacks Chromium, its fonts and its libraries into $TMPDIR: the package is made for machines that have none of them.
process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs22.x";
const { default: chromium } = await import("@sparticuz/chromium");
await chromium.executablePath();
