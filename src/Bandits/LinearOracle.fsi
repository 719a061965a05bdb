namespace Hindsight

/// <summary>Which prediction a linear oracle makes from the same state.</summary>
type LinearKind =
    /// Ridge regression: w'x.
    | Ridge = 0
    /// Vovk-Azoury-Warmuth: w'x/(1 + x'A^-1 x), the ridge prediction had x been seen already with label 0. Logarithmic regret without clipping.
    | VovkAzouryWarmuth = 1

/// <summary>Online linear regression as an oracle: one model for each block and head (disjoint LinUCB, shared features with an output each, or one model for action features).</summary>
/// <remarks>Predictions are not clipped. Widths are sqrt(x'A^-1 x) of the candidate's own model, the intercept's coordinate included. The regret of one model with labels in
/// [0,1] is at most log det (A/lambda) (see <c>Ridge.regretBoundVaw</c>; for Ridge with predictions clipped to [0,1]); that of the oracle is the sum over its models.
/// Predict and Widths cost d and s d + d a candidate, Learn 2 d^2, with s the number of features that are not 0. Nothing is allocated after construction.
/// A snapshot of an oracle of another form is refused with a HindsightException (Incompatible), and the oracle stays as it was.</remarks>
[<Sealed>]
type LinearOracle =
    /// With an intercept: a last coordinate that is always 1.
    new: shape: FeatureShape * kind: LinearKind * lambda: float -> LinearOracle
    /// With or without an intercept. lambda &gt; 0.
    new: shape: FeatureShape * kind: LinearKind * lambda: float * intercept: bool -> LinearOracle
    /// Which prediction.
    member Kind: LinearKind
    /// The regulariser.
    member Lambda: float
    /// Whether the last coordinate is an intercept.
    member Intercept: bool
    /// The model of a block and head.
    member Model: block: int * head: int -> RidgeState
    /// Sum of log det (A/lambda) over the models: the square-loss regret bound for costs in [0,1] (un-halved, against the penalised comparator).
    member LogDet: float
    interface IRegressionOracle
