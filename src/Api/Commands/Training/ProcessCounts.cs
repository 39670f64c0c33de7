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

    /// <summary>
    /// torchrun's --nproc-per-node: a number, gpu or auto (torch/distributed/run.py, determine_local_world_size), or a command that counts the GPUs. What only
    /// running would tell is most likely their number, too.
    /// </summary>
    public bool SetPerNode(string text)
    {
        PerNode = IsCount(text, out var count) ? count : null;
        PerNodeIsGpus = PerNode is null;
        return PerNode is not null || text is "auto" or "gpu" || CountsGpus(text);
    }

    /// <summary>accelerate's --num_processes; a command counts the GPUs of the node that it runs on.</summary>
    public bool SetInAll(string text)
    {
        if (IsCount(text, out var count))
            InAll = count;
        else
            PerNodeIsGpus = true;
        return InAll is not null || CountsGpus(text);
    }

    /// <summary><c>$(nvidia-smi -L | wc -l)</c> and what Python would print of torch.cuda.device_count().</summary>
    private static bool CountsGpus(string text) => text.StartsWith("$(", StringComparison.Ordinal)
        && (text.Contains("nvidia-smi", StringComparison.Ordinal) || text.Contains("device_count()", StringComparison.Ordinal));

    public static bool IsCount(string text, out int count) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count > 0;
}
