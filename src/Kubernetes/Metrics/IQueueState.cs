namespace GpuMem.Kubernetes.Metrics;

/// <summary>What can be asked of a queue at any time.</summary>
internal interface IQueueState
{
    int Depth { get; }

    /// <summary>Seconds that the items now worked on have been, together and at most.</summary>
    (double Total, double Longest) Unfinished { get; }
}
