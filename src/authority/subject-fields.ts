/** A subject by its usual attributes, in the order in which they are written. Values of one attribute share one RDN. */
export interface SubjectFields {
  readonly commonName?: string;
  readonly organizations?: readonly string[];
  readonly organizationalUnits?: readonly string[];
  readonly countries?: readonly string[];
  readonly provinces?: readonly string[];
  readonly localities?: readonly string[];
  readonly streetAddresses?: readonly string[];
  readonly postalCodes?: readonly string[];
  readonly serialNumber?: string;
}
