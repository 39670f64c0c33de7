using System.Text;

namespace GpuMem.Api.Pods;

/// <summary>The variables and flags by which the processes of a training find each other.</summary>
internal static class RankWords
{
    /// <summary>Longer values are none of a count, a rank or an address.</summary>
    public const int Longest = 512;

    /// <summary>Stands for a script that starts several nodes in a way that is not read.</summary>
    public const string SeveralNodes = "--nnodes=?";

    /// <summary>Of torchrun (PET_*), PyTorch, Kubeflow, LeaderWorkerSet, Jobs with an index, MPI and Slurm; and those that people give by hand.</summary>
    public static readonly string[] Variables =
    [
        "PET_NNODES", "PET_NODE_RANK", "PET_MASTER_ADDR", "PET_RDZV_ENDPOINT", "WORLD_SIZE", "RANK", "NODE_RANK", "MASTER_ADDR", "NNODES", "NUM_NODES", "LWS_GROUP_SIZE",
        "LWS_LEADER_ADDRESS", "JOB_COMPLETION_INDEX", "OMPI_MCA_orte_default_hostfile", "I_MPI_HYDRA_HOST_FILE", "SLURM_NNODES", "TPU_WORKER_HOSTNAMES",
    ];

    // torchrun, accelerate, DeepSpeed, Lightning and MPI.
    private static readonly string[] Flags =
        ["--nnodes", "--num_machines", "--num-machines", "--num_nodes", "--num-nodes", "--node_rank", "--node-rank", "--machine_rank", "--master_addr", "--master-addr",
            "--main_process_ip", "--rdzv", "--hostfile", "mpirun", "mpiexec", "horovodrun", "WORLD_SIZE", "NNODES", "MASTER_ADDR", "RAY_ADDRESS", "ray start", "srun",
            // Pods that wait for somebody, who may start a training over several of them by hand.
            "infinity", "/dev/null", "sshd", "jupyter"];

    private static readonly string[] Nodes = ["--nnodes", "--num_machines", "--num-machines", "--num_nodes", "--num-nodes"];

    private static readonly byte[][] FlagBytes = [.. Flags.Select(Encoding.UTF8.GetBytes)];

    private static readonly byte[][] VariableBytes = [.. Variables.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The word is, or a script has, one of the flags. In UTF-8, so that nothing is made of what is not wanted.</summary>
    public static bool IsIn(ReadOnlySpan<byte> word)
    {
        foreach (var flag in FlagBytes)
            if (word.IndexOf(flag) >= 0)
                return true;
        return false;
    }

    /// <summary>The same of text.</summary>
    public static bool IsIn(string word) => Array.Exists(Flags, flag => word.Contains(flag, StringComparison.Ordinal));

    /// <summary>The name of a variable, which it is where it is one of them; null for others.</summary>
    public static string? Variable(ReadOnlySpan<byte> name)
    {
        for (var at = 0; at < VariableBytes.Length; at++)
            if (name.SequenceEqual(VariableBytes[at]))
                return Variables[at];
        return null;
    }

    /// <summary>The word is a flag for the number of nodes, perhaps with its value behind an equals sign.</summary>
    public static bool IsNodes(string word, out string? value)
    {
        var (name, given) = word.IndexOf('=') is > 0 and var equals ? (word[..equals], word[(equals + 1)..]) : (word, null);
        value = given;
        return Nodes.Contains(name, StringComparer.Ordinal);
    }
}
