// Components as people write them: hooks, handlers in JSX, render props, forwarded refs.
import { Button, Dialog, List, ListItem, TextField } from "@mui/material";
import * as React from "react";
import { Cart, type Item, priced } from "./shop";

interface Props {
  cart: Cart;
  onDone(total: number): void;
}

export function Checkout({ cart, onDone }: Props): React.ReactElement {
  const [code, setCode] = React.useState<string | null>(null);
  const [error, setError] = React.useState<Error>();
  const submit = React.useCallback(async () => {
    try {
      onDone(await cart.pay(code ?? ""));
    } catch (problem) {
      setError(problem as Error);
    }
  }, [cart, code, onDone]);
  React.useEffect(() => {
    const listen = (event: Event) => setCode(String(event.type));
    window.addEventListener("online", listen);
    return () => window.removeEventListener("online", listen);
  }, []);
  const rows = cart.items.map((item) => <Row key={item.id} item={item} onRemove={() => cart.remove(item.id)} />);
  return (
    <Dialog open onClose={() => setError(undefined)}>
      <Boundary fallback={(problem) => <b onClick={() => console.log(problem.message)}>{String(problem)}</b>}>
        <List>{rows}</List>
      </Boundary>
      <TextField
        onChange={(event) => {
          setCode(event.target.value.trim());
        }}
        inputRef={function focus(element: HTMLInputElement | null) {
          element?.focus();
        }}
      />
      {error && <Fancy onClick={() => setError(undefined)}>{error.message.slice(0, 80)}</Fancy>}
      <Button onClick={submit}>{format(cart.total())}</Button>
    </Dialog>
  );
}

const Row = React.memo(({ item, onRemove }: { item: Item; onRemove(): void }) => {
  const price = React.useMemo(() => format(priced(item)), [item]);
  return <ListItem onClick={() => onRemove()}>{price.padStart(8)}</ListItem>;
});

const Fancy = React.forwardRef<HTMLButtonElement, React.PropsWithChildren<{ onClick(): void }>>(function Fancy(
  { children, onClick },
  ref,
) {
  return (
    <button ref={ref} onClick={() => onClick()}>
      {React.Children.map(children, (child) => String(child).toUpperCase())}
    </button>
  );
});

const format = (cents: number): string => (cents / 100).toFixed(2).replace(/\.00$/, () => ".–".repeat(1));

type BoundaryProps = React.PropsWithChildren<{ fallback: (error: Error) => React.ReactNode }>;

class Boundary extends React.Component<BoundaryProps, { error?: Error }> {
  state: { error?: Error } = {};

  static getDerivedStateFromError = (error: Error) => ({ error: new Error(error.message) });

  private retry = () => this.setState({ error: undefined });

  override componentDidCatch(error: Error): void {
    console.error(error.toString());
  }

  override render(): React.ReactNode {
    const { error } = this.state;
    return error ? <span onClick={this.retry}>{this.props.fallback(error)}</span> : this.props.children;
  }
}

export default Boundary;
