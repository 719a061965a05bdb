namespace Hindsight

open System

/// <summary>A growth condition: how fast a function leaves its least value f*, measured at a point x with projection x_p on the set of minimisers and distance d = |x - x_p|.</summary>
/// <remarks>All but the last are lower: the larger the constant, the more is said. The last is an upper condition.</remarks>
type Condition =
    /// f(y) &gt;= f(x) + grad f(x)'(y - x) + (mu/2) |y - x|^2 for all x, y.
    | StrongConvexity = 0
    /// The same for x and y with equal projections.
    | EssentialStrongConvexity = 1
    /// f* &gt;= f(x) + grad f(x)'(x_p - x) + (mu/2) d^2.
    | WeakStrongConvexity = 2
    /// grad f(x)'(x - x_p) &gt;= mu d^2.
    | RestrictedSecant = 3
    /// |grad f(x)| &gt;= mu d.
    | ErrorBound = 4
    /// |grad f(x)|^2/2 &gt;= mu (f(x) - f*).
    | PolyakLojasiewicz = 5
    /// f(x) - f* &gt;= (mu/2) d^2.
    | QuadraticGrowth = 6
    /// f(x) - f* &lt;= (L/2) d^2: growth at most quadratic. Smoothness implies it; it asks for no gradient. Not to be taken for quadratic growth.
    | UpperQuadraticGrowth = 7

/// <summary>Where a condition is known to hold, or where an implication needs it.</summary>
type ConditionReach =
    /// At the point in question alone.
    | Point = 0
    /// On the whole segment from the point's projection to it.
    | Segment = 1
    /// Everywhere, so that a gradient flow stays where it holds: not for a minimum constrained to a set.
    | Everywhere = 2

/// <summary>A condition as data.</summary>
[<NoComparison>]
type ConditionDefinition =
    {
        Condition: Condition
        /// The field's name: "restricted secant inequality".
        Name: string
        /// "RSI".
        Abbreviation: string
        /// The inequality as text.
        Inequality: string
        /// What it does not say, and what it is confused with.
        Remark: string
        Source: string
    }

/// <summary>What is known of the function beside a condition.</summary>
[<NoComparison>]
type ConditionAssumptions =
    {
        /// Whether f is convex.
        Convex: bool
        /// L &gt; 0: the gradient is L-Lipschitz. Null if not known.
        Smoothness: Nullable<float>
        /// f(x) - f* &lt;= (U/2) d^2. Null if not known; a smooth function has U = L.
        UpperGrowth: Nullable<float>
        /// Where the condition that is converted holds.
        Reach: ConditionReach
    }

    /// Nothing known but that the condition holds everywhere.
    static member Default: ConditionAssumptions
    /// Convex, the condition everywhere.
    static member ForConvex: ConditionAssumptions
    /// L-smooth, the condition everywhere.
    static member ForSmooth: smoothness: float -> ConditionAssumptions

/// <summary>An implication between two conditions as data: constant, what it needs, why it is true.</summary>
/// <remarks>f has a least value f* that is attained, and a gradient.</remarks>
[<NoComparison>]
type ConditionImplication =
    {
        From: Condition
        To: Condition
        /// The constant is Factor mu, or Factor mu^2/U with OverUpperGrowth.
        Factor: float
        /// Whether the constant is Factor mu^2/U, U the upper growth.
        OverUpperGrowth: bool
        NeedsConvex: bool
        NeedsSmooth: bool
        /// Where the first condition must hold for the second to hold at a point.
        Reach: ConditionReach
        Reason: string
        Source: string
    }

    /// The constant as text: "mu/2", "mu^2/U".
    member Constant: string
    /// The constant of the second condition.
    member Apply: constant: float * upperGrowth: float -> float
    /// "RSI(mu) => EB(mu): why".
    override ToString: unit -> string

/// <summary>What follows from a condition: the best constant over all chains of implications, and that chain.</summary>
[<NoComparison>]
type ConditionConversion =
    {
        From: Condition
        Given: float
        To: Condition
        /// The constant of To.
        Constant: float
        /// The implications in order; empty from a condition to itself. Of the chains with this constant, a shortest.
        Chain: ConditionImplication[]
    }

    /// The chain with its constants and reasons, a line each.
    override ToString: unit -> string

/// <summary>A function at a point: what the conditions speak about.</summary>
[<NoComparison>]
type ConditionSample =
    {
        Point: float[]
        /// f at the point.
        Value: float
        /// grad f at the point.
        Gradient: float[]
        /// The nearest minimiser.
        Projection: float[]
    }

    /// Distance to the projection.
    member Distance: float

/// <summary>The best constant that samples allow.</summary>
/// <remarks>An infimum over some points is at least the one over all: the estimate is above the constant for a lower condition and below it for the upper one.</remarks>
[<NoComparison>]
type ConditionEstimate =
    {
        Condition: Condition
        Constant: float
        /// How many points (pairs for the first two conditions) had something to say.
        Used: int
        /// Index of the sample that decides, and for a pair of the other one (else -1).
        Sample: int
        Other: int
    }

namespace Hindsight.FSharp

open Hindsight

/// <summary>Strong convexity and its relatives: definitions, implications with constants, estimates.</summary>
/// <remarks>The order is that of Karimi, Nutini and Schmidt, Linear convergence of gradient and proximal-gradient methods under the Polyak-Lojasiewicz condition (2016); constants are derived here, several sharper
/// than a mechanical chain. Without convexity quadratic growth does not imply PL, and PL does not imply convexity.</remarks>
[<RequireQualifiedAccess>]
module Conditions =
    /// The eight definitions.
    val definitions: ConditionDefinition[]
    /// The definition of a condition; OutOfRange for a number that is none.
    val definition: condition: Condition -> Result<ConditionDefinition, HindsightError>
    /// The implication table.
    val implications: ConditionImplication[]

    /// <summary>The best constant of <paramref name="target"/> that follows, over all chains of the table that the assumptions allow.</summary>
    /// <param name="source">The condition that holds.</param>
    /// <param name="constant">Its constant, mu &gt; 0.</param>
    /// <param name="target">The condition that is asked for.</param>
    /// <param name="assumptions">What else is known.</param>
    /// <returns>OutOfRange where mu exceeds the smoothness or the upper growth, which no function allows; Incompatible, naming what would help, where nothing follows.</returns>
    /// <remarks>A condition that holds at a point goes on only through implications at that point. A chain with an implication that needs the segment or the flow needs its condition there.
    /// The upper condition is an assumption and not converted.</remarks>
    val convert:
        source: Condition ->
        constant: float ->
        target: Condition ->
        assumptions: ConditionAssumptions ->
            Result<ConditionConversion, HindsightError>

    /// <summary>A sample of a function with known gradient and projection on its minimisers.</summary>
    val sample:
        value: (float[] -> float) ->
        gradient: (float[] -> float[]) ->
        projection: (float[] -> float[]) ->
        point: float[] ->
            ConditionSample

    /// <summary>The best constant of a condition on samples.</summary>
    /// <param name="condition">Which.</param>
    /// <param name="least">f*, at most every sampled value (up to 64 ulps).</param>
    /// <param name="samples">Points; a minimiser (up to 64 ulps of its length) says nothing and is skipped. The first two conditions compare all pairs, the second those whose projections agree to 1e-9 of the pair's distance.</param>
    /// <returns>OutOfRange for a number that is not finite or a value below f*; WrongDimension; Missing where no sample has anything to say.</returns>
    val estimate:
        condition: Condition -> least: float -> samples: ConditionSample[] -> Result<ConditionEstimate, HindsightError>

    /// <summary>The PL constant at theta of a loss h(f(theta)) of the predictions at n points, from the tangent-kernel Gram matrix J J': curvature times its smallest eigenvalue (0 if that is negative by rounding).</summary>
    /// <param name="curvature">sigma &gt; 0: h is sigma-strongly convex in the predictions; 1 for half the sum of squares.</param>
    /// <param name="gram">J J', symmetric, n by n.</param>
    /// <remarks>|J'grad h|^2/2 &gt;= lambda_min |grad h|^2/2 &gt;= lambda_min sigma (h - h*), h* the least over all predictions: a condition at this theta alone. Derived here.</remarks>
    val ofTangentKernel: curvature: float -> gram: float[,] -> Result<float, HindsightError>

    /// The Gram matrix J J' of a Jacobian with a row for each prediction.
    val gramOfJacobian: jacobian: float[,] -> Result<float[,], HindsightError>

    /// <summary>The constant of h(A x), h sigma-strongly convex: sigma times the square of the smallest singular value of A that is not 0 (relative to the largest: 1e-10).</summary>
    /// <remarks>For least squares, sigma = 1, it is the best constant of ESC, WSC, RSI, EB, PL and QG alike; for other h a PL and QG constant. Derived here.</remarks>
    val ofLinearModel: curvature: float -> matrix: float[,] -> Result<float, HindsightError>

    /// <summary>The constant of a scalar loss on a box, label by label, enclosed: strong convexity (which is also ESC where the loss is convex), PL or quadratic growth.</summary>
    /// <returns>As <c>Certify</c>; Incompatible for the other conditions, which <c>convert</c> gives from these.</returns>
    val certified:
        options: CertifyOptions ->
        condition: Condition ->
        loss: ILoss ->
        label: Ival ->
        score: Ival ->
            Result<Enclosure, HindsightError>
