using System.Globalization;

namespace GpuMem.Api.Commands.Training;

/// <summary>How many processes a launcher starts, one for each GPU, as far as it says.</summary>
internal sealed class ProcessCounts
{
    public int? Nodes { get; set; }

    public int? PerNode { get; set; }

    /// <summary>As many as the node has GPUs, as torchrun's auto.</summary>
    public bool PerNodeIsGpus { get; set; }

    /// <summary>On all nodes together.</summary>
    public int? InAll { get; set; }

    /// <summary>Groups that each hold the whole model, divided among their ranks; null where the number follows from other sizes.</summary>
    public int? Replicas { get; set; }

    /// <summary>A process that is left several GPUs spreads the layers over them (transformers' device_map).</summary>
    public bool SpreadsLayers { get; set; }

    /// <summary>GPUs of a node that the processes see, where CUDA_VISIBLE_DEVICES says so.</summary>
    public int? Visible { get; set; }

    /// <summary>accelerate has a configuration, which must then say how many processes there are.</summary>
    public bool IsConfigured { get; set; }

    /// <summary>torchrun's --nnodes, perhaps as MIN:MAX of which the smaller needs the most memory.</summary>
    public bool SetNodes(string text)
    {
        var (least, most) = text.Split(':') is [var from, var to] ? (from, to) : (text, text);
        if (!IsCount(least, out var nodes) || !IsCount(most, out _))
            return false;
        Nodes = nodes;
        return true;
    }

    /// <summary>torchrun's --nproc-per-node: a number, gpu or auto (torch/distributed/run.py, determine_local_world_size).</summary>
    public bool SetPerNode(string text)
    {
        PerNodeIsGpus = text is "auto" or "gpu";
        PerNode = IsCount(text, out var count) ? count : null;
        return PerNodeIsGpus || PerNode is not null;
    }

    public bool SetInAll(string text)
    {
        var isCount = IsCount(text, out var count);
        if (isCount)
            InAll = count;
        return isCount;
    }

    public static bool IsCount(string text, out int count) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count > 0;
}
