// The frames of the subprotocol sessionstream.v2.json, as JSON.parse gives them.
// What they mean stands in sessionstream/v1/transport.proto.

export interface ServerFrame {
  readonly hello?: HelloFrame;
  readonly snapshot?: SnapshotFrame;
  readonly subscribed?: SubscribedFrame;
  readonly unsubscribed?: { readonly sessionId?: string };
  readonly uiEvent?: UIEventFrame;
  readonly error?: ErrorFrame;
  readonly ping?: PingFrame;
  readonly pong?: PingFrame;
  readonly position?: PositionFrame;
  readonly commandAck?: CommandAckFrame;
  readonly goAway?: { readonly reconnectWithinMs?: number };
  readonly authenticated?: { readonly expiresInMs?: string };
}

export interface HelloFrame {
  readonly limits?: { readonly maxClientFrameBytes?: number };
  readonly pingIntervalMs?: number;
  readonly authenticationRequired?: boolean;
}

export interface SnapshotFrame {
  readonly sessionId?: string;
  readonly snapshotOrdinal?: string;
  readonly entities?: readonly SnapshotEntity[];
  readonly epoch?: string;
  readonly partIndex?: number;
  readonly partCount?: number;
}

export interface SnapshotEntity {
  readonly kind?: string;
  readonly id?: string;
  readonly createdOrdinal?: string;
  readonly lastEventOrdinal?: string;
  readonly tombstone?: boolean;
  readonly payload?: AnyJson;
}

export interface SubscribedFrame {
  readonly sessionId?: string;
  readonly epoch?: string;
  readonly headOrdinal?: string;
}

export interface UIEventFrame {
  readonly sessionId?: string;
  readonly eventOrdinal?: string;
  readonly name?: string;
  readonly payload?: AnyJson;
  readonly batchIndex?: number;
  readonly batchSize?: number;
  readonly previousOrdinal?: string;
}

export interface PositionFrame {
  readonly sessionId?: string;
  readonly epoch?: string;
  readonly headOrdinal?: string;
}

export interface CommandAckFrame {
  readonly requestId?: string;
  readonly commandId?: string;
  readonly status?: "ACCEPTED" | "DUPLICATE" | "CONFLICT" | "REJECTED" | "COMPLETED" | "FAILED";
  readonly code?: string;
  readonly message?: string;
  readonly headOrdinal?: string;
}

export interface ErrorFrame {
  readonly code?: string;
  readonly message?: string;
  readonly sessionId?: string;
}

export interface PingFrame {
  readonly nonce?: string;
}

export interface AnyJson {
  readonly "@type"?: string;
  readonly [field: string]: unknown;
}

export interface ClientFrame {
  readonly subscribe?: SubscribeRequest;
  readonly unsubscribe?: { readonly sessionId: string };
  readonly ping?: PingFrame;
  readonly pong?: PingFrame;
  readonly command?: CommandRequest;
  readonly authenticate?: { readonly token: string };
}

export interface SubscribeRequest {
  readonly sessionId: string;
  readonly mode: "SNAPSHOT" | "RESUME";
  readonly sinceSnapshotOrdinal: string;
  readonly sinceEpoch: string;
}

export interface CommandRequest {
  readonly requestId: string;
  readonly commandId: string;
  readonly sessionId: string;
  readonly name: string;
  readonly payload: object;
  readonly expectedOrdinal?: string;
}
