// React with TypeScript and JSX, bundled by webpack (ts-loader) and minified by terser.
import * as mui from "@mui/material";
import * as lodash from "lodash-es";
import * as React from "react";
import * as client from "react-dom/client";
import * as aria from "../../node_modules/react-aria-components/src/index.ts";
import { Checkout } from "./Checkout";
import * as shop from "./shop";

client.createRoot(document.body).render(<Checkout cart={new shop.Cart([])} onDone={(total) => mui.alpha("red", total)} />);
Object.assign(globalThis, { everything: [aria, lodash, mui, React, shop] });
