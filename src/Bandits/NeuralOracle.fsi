namespace Hindsight

/// <summary>How the step size moves with the steps, t = 1, 2, ...</summary>
type RateSchedule =
    /// rate.
    | Constant = 0
    /// rate / sqrt t.
    | InverseSquareRoot = 1
    /// rate / t; rate = 4/mu is the step of the quadratic-growth theorem, 1/mu that of strong convexity.
    | InverseTime = 2

/// <summary>Which past observations are learned again.</summary>
type ReplayMemory =
    /// None: one step a round.
    | Off = 0
    /// A uniform sample of everything seen (reservoir sampling).
    | Reservoir = 1
    /// The latest observations: forgets, for drift.
    | Window = 2
    /// The reservoir, and a new start (empty memory, initial network) when the errors of the latest 40 predictions exceed those before by more than
    /// chance explains: mean absolute error, Hoeffding's threshold sqrt(ln(1/delta)/80) at delta = 1e-4.
    | Restart = 3

/// <summary>Options of a neural regression oracle.</summary>
[<NoComparison>]
type NeuralOracleOptions =
    {
        /// The network and its perturbation.
        Network: NetworkOptions
        /// The loss it is trained with; its link gives the mean prediction.
        Loss: ILoss
        /// Step size.
        Rate: float
        Schedule: RateSchedule
        /// Costs are moved into [z, 1 - z] before they are learned; 0 leaves them.
        LabelClip: float
        /// Scores are moved into [-c, c] before the link; infinity leaves them.
        LogitClip: float
        Memory: ReplayMemory
        /// Most observations kept.
        Capacity: int
        /// Steps on old observations after each new one.
        ReplaySteps: int
    }

/// <summary>A perturbed network as regression oracle: Theory (projected online gradient descent, a step of the theorem a round),
/// Online (one adaptive step a round) or Replay (further steps on a bounded memory), by its options.</summary>
[<Sealed>]
type NeuralOracle =
    /// The oracle, or the error that names the option.
    static member Create: options: NeuralOracleOptions -> Result<NeuralOracle, HindsightError>
    /// The network.
    member Network: PerturbedNetwork
    /// The options.
    member Options: NeuralOracleOptions
    /// Its mean prediction of the latest observation before that was learned; 0 before the first.
    member LatestPrediction: float
    /// How often a change was detected (Restart).
    member Restarts: int64
    /// Sees every observation before it is learned; null, the default, keeps nothing. It changes no prediction and is not part of a snapshot.
    member Meter: GrowthMeter with get, set
    interface IRegressionOracle
