import { Component, type ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';

/** What shows when the window itself is broken. React has no function for this. */
export class ErrorBoundary extends Component<
  { readonly children: ReactNode },
  { readonly message: string | undefined }
> {
  override state: { readonly message: string | undefined } = { message: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { message } = this.state;
    if (message === undefined) return this.props.children;
    return (
      <EmptyState
        icon="finding"
        title="This window broke"
        buttons={
          <Button look="primary" onClick={() => location.reload()}>
            Load the window again
          </Button>
        }
      >
        <p>Watching and acting go on: they do not need the window.</p>
        <p>
          <code>{message}</code>
        </p>
      </EmptyState>
    );
  }
}
