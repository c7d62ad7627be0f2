// Receipts as other people's programs write them: `node streams.cjs FOLDER` writes NAME.bin (bytes for the printer)
// and NAME.json (what the program itself says will be on paper). test_receipt_generators.py renders and compares them.
'use strict';
const fs = require('fs');
const path = require('path');
const ReceiptPrinterEncoder = require('@point-of-sale/receipt-printer-encoder');
const receiptio = require('receiptio');
const receiptline = require('receiptline');
const { ThermalPrinter, PrinterTypes, CharacterSet } = require('node-thermal-printer');
const { PNG } = require('pngjs');

const QR = 'https://example.org/a?b=1';
const EAN = '6901234567892';
const CODE128 = 'WH-HC-0003';
const SIDE = 64;
const folder = process.argv[2];

function write(name, bytes, says) {
  fs.writeFileSync(path.join(folder, `${name}.bin`), Buffer.from(bytes));
  fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(says));
}

// A black square of 48 dots in 64.
function square() {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4).fill(255);
  for (let y = 8; y < 56; y++) {
    for (let x = 8; x < 56; x++) data.fill(0, (y * SIDE + x) * 4, (y * SIDE + x) * 4 + 3);
  }
  return { width: SIDE, height: SIDE, data };
}

function squarePng() {
  const png = new PNG({ width: SIDE, height: SIDE });
  png.data = Buffer.from(square().data);
  return PNG.sync.write(png);
}

// --- receipt-printer-encoder: every ESC/POS model it knows, by its own mapping of code pages

// 3.x and later export the class itself or as `default`.
const Encoder = ReceiptPrinterEncoder.default || ReceiptPrinterEncoder;

function encoder(model) {
  const made = new Encoder({ printerModel: model, feedBeforeCut: 4 });
  const half = made.columns / 2;
  return made
    .initialize()
    .codepage('cp437')
    .align('center')
    .size(2, 2).line('Big').size(1, 1)
    .line('centred')
    .align('left')
    .bold(true).text('bold').bold(false).line(' plain')
    .underline(true).line('under').underline(false)
    .invert(true).line('invert').invert(false)
    .table([{ width: half, align: 'left' }, { width: half, align: 'right' }],
      [['Item', '12.00'], ['Caf\u00e9', '3.50']])
    .rule({ style: 'double' })
    .box({ width: 20, style: 'single' }, 'in a box')
    .align('right').line('right')
    .align('center')
    .qrcode(QR, { model: 2, size: 5, errorlevel: 'm' })
    .barcode(EAN, 'ean13', { height: 64, width: 2, text: true })
    .barcode(CODE128, 'code128', { height: 64, width: 1 })
    .align('left')
    .image(square(), SIDE, SIDE, 'threshold')
    .cut('partial');
}

for (const { id } of Encoder.printerModels) {
  const made = encoder(id);
  if (made.language !== 'esc-pos') continue;
  const lines = made.encode('lines');
  const texts = lines.map((line) => line
    .filter((item) => item.type === 'text')
    .map((item) => Buffer.from(item.payload).toString('hex'))
    .join(''));
  const kinds = new Set(lines.flat().map((item) => item.type));
  write(`encoder-${id}`, encoder(id).encode(), { columns: made.columns, cp437: texts, qr: kinds.has('qrcode') });
}

// --- receiptline and receiptio: one document, their own plain text beside each command set

const DOCUMENT = `^^^威海市政务服务
left |中| right
{w:*,10,10}
|社会保障卡 |12.00
|Asparagus |3.50
{b:line}
一 |1 |1.00
{b:none}
---
^合计 |^^15.50
"bold" _under_ \`invert\`

{c:${QR};o:qrcode,5,m}
{c:${EAN};o:ean,2,64,hri}
{c:${CODE128};o:code128,2,64}
{i:${squarePng().toString('base64')}}
=
`;
const printer = { cpl: 48, encoding: 'gb18030', spacing: true, gradient: false };
for (const command of ['escpos', 'epson', 'citizen', 'fit', 'generic']) {
  const text = receiptline.transform(DOCUMENT, { ...printer, command: 'text' });
  const bytes = receiptline.transform(DOCUMENT, { ...printer, command });
  write(`receiptline-${command}`, Buffer.from(bytes, 'binary'), { text });
}

for (const command of ['escpos', 'epson', 'generic']) {
  const bytes = receiptline.transform(DOCUMENT, { ...printer, command, upsideDown: true });
  write(`upside-${command}`, Buffer.from(bytes, 'binary'), {});
}

// --- node-thermal-printer

async function thermal() {
  const printer = new ThermalPrinter({
    type: PrinterTypes.EPSON, interface: '/dev/null', characterSet: CharacterSet.CHINA, width: 48,
  });
  printer.alignCenter();
  printer.setTextQuadArea();
  printer.println('威海市政务');
  printer.setTextNormal();
  printer.println('centred');
  printer.alignLeft();
  printer.bold(true);
  printer.print('bold');
  printer.bold(false);
  printer.println(' plain');
  printer.underlineThick(true);
  printer.println('under');
  printer.underlineThick(false);
  printer.invert(true);
  printer.println('invert');
  printer.invert(false);
  printer.leftRight('left', 'right');
  printer.table(['One', 'Two', 'Three']);
  printer.tableCustom([
    { text: 'Item', align: 'LEFT', width: 0.5 },
    { text: '12.00', align: 'RIGHT', width: 0.5, bold: true },
  ]);
  printer.drawLine('=');
  printer.alignRight();
  printer.println('办理进度');
  printer.alignCenter();
  printer.printQR(QR, { cellSize: 5, correction: 'M' });
  printer.newLine();
  printer.printBarcode(EAN, 67, { height: 64, width: 2, fontSize: 0, position: 2 });
  printer.newLine();
  printer.code128(CODE128, { width: 'SMALL', height: 64, text: 2 });
  printer.alignLeft();
  await printer.printImageBuffer(squarePng());
  printer.cut();
  write('thermal', printer.getBuffer(), {});
}

async function main() {
  await thermal();
  const said = await receiptio.print(DOCUMENT, '-p txt -l zh-hans -c 48');
  for (const command of ['escpos', 'epson']) {
    const bytes = await receiptio.print(DOCUMENT, `-p ${command} -l zh-hans -c 48`);
    write(`receiptio-${command}`, Buffer.from(bytes, 'binary'), { text: said });
  }
}

main();
